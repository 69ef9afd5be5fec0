#include <qslip/detail/files/atomic_file.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

#include "files/locked_file.hpp"
#include "files/system_error.hpp"

namespace qslip {
namespace {

constexpr std::size_t pending_bytes = std::size_t{1} << 18;

std::string temporary_of(const std::string& path) { return path + ".qslip-tmp"; }

status refuse_irregular(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
        return {errc::not_regular, escaped(path) + ": exists and is not a regular file"};
    return {};
}

}  // namespace

result<atomic_file> atomic_file::create(const std::string& path) {
    if (path.empty() || path.find('\0') != std::string::npos)
        return status(errc::arg, "the output file name is empty or contains a zero byte");
    QSLIP_CHECK(refuse_irregular(path));
    QSLIP_TRY(const int fd, open_locked(temporary_of(path), path));
    atomic_file made(fd, path);
    if (retried([&] { return ::ftruncate(fd, 0); }) != 0) return made.fail("cannot empty", errno);
    return made;
}

atomic_file::atomic_file(atomic_file&& other) noexcept
    : path_(std::move(other.path_)),
      pending_(std::move(other.pending_)),
      failed_(std::move(other.failed_)),
      size_bytes_(other.size_bytes_),
      fd_(std::exchange(other.fd_, -1)) {}

atomic_file::~atomic_file() { discard(); }

void atomic_file::discard() noexcept {
    if (fd_ < 0) return;
    ::unlink(temporary_of(path_).c_str());  // while the lock is held: it is ours
    ::close(std::exchange(fd_, -1));
}

status atomic_file::fail(const char* what, int error_number) {
    failed_ = system_error(path_, what, error_number);
    discard();
    return failed_;
}

status atomic_file::flush() {
    for (std::size_t done = 0; done < pending_.size();) {
        const auto n = retried([&] { return ::write(fd_, pending_.data() + done, pending_.size() - done); });
        if (n < 0) return fail("cannot write", errno);
        done += static_cast<std::size_t>(n);
    }
    pending_.clear();
    return {};
}

status atomic_file::write(std::span<const std::byte> bytes) {
    QSLIP_CHECK(failed_);
    if (fd_ < 0) return {errc::arg, escaped(path_) + ": already committed"};
    size_bytes_ += bytes.size();
    while (!bytes.empty()) {
        const auto part = bytes.first(std::min(bytes.size(), pending_bytes - pending_.size()));
        pending_.insert(pending_.end(), part.begin(), part.end());
        bytes = bytes.subspan(part.size());
        if (pending_.size() == pending_bytes) QSLIP_CHECK(flush());
    }
    return {};
}

status atomic_file::write(std::string_view text) { return write(std::as_bytes(std::span(text))); }

status atomic_file::commit() {
    QSLIP_CHECK(failed_);
    if (fd_ < 0) return {errc::arg, escaped(path_) + ": already committed"};
    QSLIP_CHECK(flush());
    if (retried([&] { return ::fsync(fd_); }) != 0) return fail("cannot flush to disk", errno);
    if (::rename(temporary_of(path_).c_str(), path_.c_str()) != 0)
        return fail("cannot rename into place", errno);
    // The data is on disk and in place; what close() may still say changes nothing.
    ::close(std::exchange(fd_, -1));
    sync_folder(path_);
    return {};
}

}  // namespace qslip
