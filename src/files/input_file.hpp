#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace qslip {

/// A regular file open for reading. Bytes are read with pread into the caller's memory, never mapped: a
/// file cut while in use is an error here, not a signal.
/// Thread-safe: const calls may run in parallel. Ownership: closes its descriptor.
class input_file {
public:
    /// Errors: not_found (names the nearest file of the folder), not_regular (folder, pipe, device), io.
    /// Never blocks, not even on a pipe.
    static result<input_file> open(const std::string& path);

    /// The file `way` (names of folders, then of the file) below `folder`. No name may be empty, "." or "..",
    /// or hold a slash or a zero byte, and no symbolic link is followed: nothing outside `folder` can be
    /// reached. Errors: arg (such a name), and those of open().
    static result<input_file> open_below(const std::string& folder, std::span<const std::string> way);

    input_file(input_file&& other) noexcept;
    input_file& operator=(input_file&& other) noexcept;
    ~input_file();

    /// As at open.
    std::uint64_t size_bytes() const noexcept { return id_.size_bytes; }
    const std::string& path() const noexcept { return path_; }

    /// Fills `out` with the bytes from `offset` on.
    /// Errors: truncated when the range ends beyond size_bytes(), changed when the file has become shorter
    /// since open, io. `out` is unspecified after an error.
    status read_at(std::uint64_t offset, std::span<std::byte> out) const;

    /// Ok while size, modification time and inode behind the descriptor are as at open, else changed.
    status unchanged() const;

private:
    struct identity {
        std::uint64_t size_bytes = 0, device = 0, inode = 0;
        std::int64_t mtime_s = 0, mtime_ns = 0;
        bool operator==(const identity&) const = default;
    };
    input_file(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    static status identify(int fd, const std::string& path, identity& out);

    int fd_ = -1;
    std::string path_;
    identity id_;
};

}  // namespace qslip
