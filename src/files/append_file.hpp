#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace qslip {

/// A file that grows at its end and is continued when its writer died: opening keeps what is there.
/// Two writers of one path: the second gets `busy`.   Not thread-safe.
class append_file {
public:
    /// `path` names the file; `for_whom` stands for it in messages. Errors: busy, io, not_regular.
    static result<append_file> open(const std::string& path, const std::string& for_whom);

    append_file(append_file&& other) noexcept;
    append_file& operator=(append_file&&) = delete;
    ~append_file();

    std::uint64_t size_bytes() const noexcept { return size_bytes_; }
    /// Errors: truncated (beyond the end), io.
    status read_at(std::uint64_t offset, std::span<std::byte> out) const;
    /// Keeps the first n bytes, n <= size_bytes().
    status cut(std::uint64_t n);
    /// After an error the end may be torn.
    status append(std::span<const std::byte> bytes);
    /// Removes the file; the last call that does anything.
    status remove();

private:
    append_file(int fd, std::string path) : path_(std::move(path)), fd_(fd) {}

    std::string path_;
    std::uint64_t size_bytes_ = 0;
    int fd_ = -1;
};

}  // namespace qslip
