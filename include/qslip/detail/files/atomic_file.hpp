#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// A file that appears whole or not at all: written beside its place as "<path>.qslip-tmp", flushed to disk,
/// then renamed. Until commit() succeeds the old file is untouched. Destroyed uncommitted, it leaves nothing;
/// what a killed process left is taken over by the next writer of the same path.
/// Two writers of one path: the second gets `busy`.   Not thread-safe.
class atomic_file {
public:
    /// Errors: busy, io, not_regular (`path` or the temporary exists and is no regular file), arg (no name).
    static result<atomic_file> create(const std::string& path);

    atomic_file(atomic_file&& other) noexcept;
    atomic_file& operator=(atomic_file&&) = delete;
    ~atomic_file();

    /// Appends. After an error every later call returns that error.
    status write(std::span<const std::byte> bytes);
    status write(std::string_view text);
    /// Bytes accepted by write() so far.
    std::uint64_t size_bytes() const noexcept { return size_bytes_; }

    /// Flushes and renames; the last call that does anything.
    status commit();

private:
    atomic_file(int fd, std::string path) : path_(std::move(path)), fd_(fd) {}
    status flush();
    status fail(const char* what, int error_number);
    void discard() noexcept;

    std::string path_;
    std::vector<std::byte> pending_;
    status failed_;
    std::uint64_t size_bytes_ = 0;
    int fd_ = -1;
};

}  // namespace qslip
