#include "files/append_file.hpp"

#include <qslip/detail/core/text.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "files/locked_file.hpp"
#include "files/system_error.hpp"

namespace qslip {

result<append_file> append_file::open(const std::string& path, const std::string& for_whom) {
    QSLIP_TRY(const int fd, open_locked(path, for_whom));
    append_file file(fd, path);
    struct stat info {};
    if (::fstat(fd, &info) != 0) return system_error(path, "cannot query", errno);
    file.size_bytes_ = static_cast<std::uint64_t>(info.st_size);
    return file;
}

append_file::append_file(append_file&& other) noexcept
    : path_(std::move(other.path_)), size_bytes_(other.size_bytes_), fd_(std::exchange(other.fd_, -1)) {}

append_file::~append_file() {
    if (fd_ >= 0) ::close(fd_);
}

status append_file::read_at(std::uint64_t offset, std::span<std::byte> out) const {
    if (offset > size_bytes_ || out.size() > size_bytes_ - offset)
        return {errc::truncated, escaped(path_) + ": " + grouped(out.size()) + " bytes wanted at byte " +
                                     grouped(offset) + ", file has " + grouped(size_bytes_)};
    while (!out.empty()) {
        const auto got =
            retried([&] { return ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset)); });
        if (got < 0) return system_error(path_, "cannot read at byte " + grouped(offset), errno);
        if (got == 0) return {errc::changed, escaped(path_) + ": became shorter while in use"};
        offset += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

status append_file::cut(std::uint64_t n) {
    if (retried([&] { return ::ftruncate(fd_, static_cast<off_t>(n)); }) != 0)
        return system_error(path_, "cannot cut", errno);
    size_bytes_ = n;
    return {};
}

status append_file::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto put = retried(
            [&] { return ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_bytes_)); });
        if (put < 0) return system_error(path_, "cannot write", errno);
        size_bytes_ += static_cast<std::uint64_t>(put);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

status append_file::remove() {
    if (::unlink(path_.c_str()) != 0) return system_error(path_, "cannot remove", errno);
    ::close(std::exchange(fd_, -1));
    return {};
}

}  // namespace qslip
