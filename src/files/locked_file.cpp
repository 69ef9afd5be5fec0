#include "files/locked_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/system_error.hpp"

namespace qslip {

/// The lock is on the open file; it counts only while the name still leads to that very file, for the writer
/// before may have renamed it while we waited to look.
static bool still_named(int fd, const std::string& name) {
    struct stat held {
    }, named{};
    return ::fstat(fd, &held) == 0 && ::lstat(name.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

result<int> open_locked(const std::string& name, const std::string& for_whom) {
    for (;;) {
        const int fd = retried([&] {
            return ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
        });
        if (fd < 0) return system_error(name, "cannot create", errno);
        struct stat info {};
        status bad;
        if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
            bad = {errc::not_regular, escaped(name) + ": exists and is not a regular file"};
        else if (retried([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) != 0)
            bad = errno == EWOULDBLOCK
                      ? status(errc::busy, escaped(for_whom) + ": another process is writing it")
                      : system_error(name, "cannot lock", errno);
        else if (still_named(fd, name))
            return fd;
        ::close(fd);
        if (!bad.ok()) return bad;
    }
}

void sync_folder(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

}  // namespace qslip
