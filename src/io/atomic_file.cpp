#include <qslip/io/atomic_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <io/system_error.hpp>

#include <cerrno>

namespace qslip {
namespace {

constexpr std::size_t pending_bytes = std::size_t{1} << 18;

std::string temporary_of(const std::string& path) { return path + ".qslip-tmp"; }

/// Repeats a system call that a signal interrupted.
template <class Call>
auto retried(Call call) {
    auto r = call();
    while (r < 0 && errno == EINTR) r = call();
    return r;
}

status refuse_irregular(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
        return {errc::not_regular, escaped(path) + ": exists and is not a regular file"};
    return {};
}

/// The lock is on the open temporary; it counts only while the name still leads to that very file, for the
/// writer before may have renamed it while we waited to look.
bool still_named(int fd, const std::string& temporary) {
    struct stat held {
    }, named{};
    return ::fstat(fd, &held) == 0 && ::lstat(temporary.c_str(), &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/// An open, locked, empty temporary.
result<int> open_locked(const std::string& path) {
    const auto temporary = temporary_of(path);
    for (;;) {
        const int fd = retried([&] {
            return ::open(temporary.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
        });
        if (fd < 0) return system_error(temporary, "cannot create", errno);
        struct stat info {};
        status bad;
        bool locked = false;
        if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
            bad = {errc::not_regular, escaped(temporary) + ": exists and is not a regular file"};
        else if (locked = retried([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0; !locked)
            bad = errno == EWOULDBLOCK ? status(errc::busy, escaped(path) + ": another process is writing it")
                                       : system_error(temporary, "cannot lock", errno);
        else if (still_named(fd, temporary)) {
            if (retried([&] { return ::ftruncate(fd, 0); }) == 0) return fd;
            bad = system_error(temporary, "cannot empty", errno);
        }
        ::close(fd);
        if (!bad.ok()) return bad;
    }
}

/// The rename itself must survive a power loss; not every file system lets a folder be synced.
void sync_folder(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

}  // namespace

result<atomic_file> atomic_file::create(const std::string& path) {
    if (path.empty() || path.find('\0') != std::string::npos)
        return status(errc::arg, "the output file name is empty or contains a zero byte");
    QSLIP_CHECK(refuse_irregular(path));
    QSLIP_TRY(const int fd, open_locked(path));
    return atomic_file(fd, path);
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
