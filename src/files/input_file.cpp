#include "files/input_file.hpp"

#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "files/system_error.hpp"

namespace qslip {
namespace {

namespace fs = std::filesystem;

// At most this many names of a folder are looked at for the hint.
constexpr std::size_t max_names = 4096;

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end && names.size() < max_names;
         it.increment(error))
        names.push_back(it->path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

status no_such_file(const std::string& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(fs::path(path), error);
    const fs::path folder = error ? fs::path(path).parent_path() : absolute.parent_path();
    const std::string near = nearest_name(fs::path(path).filename().string(), names_in(folder));
    std::string message = escaped(path) + ": no such file (looked in " + escaped(folder.string()) + ")";
    if (!near.empty()) message += ". Nearest name: " + escaped(near);
    return {errc::not_found, std::move(message)};
}

status open_error(const std::string& path, int error_number) {
    if (error_number == ENOENT || error_number == ENOTDIR) return no_such_file(path);
    return system_error(path, "cannot open", error_number);
}

status not_regular(const std::string& path, mode_t mode) {
    const char* kind = S_ISDIR(mode)    ? "a folder"
                       : S_ISFIFO(mode) ? "a pipe"
                       : S_ISLNK(mode)  ? "a symbolic link"
                                        : "a device or socket";
    return {errc::not_regular, escaped(path) + ": is " + kind + ", not a regular file"};
}

constexpr int read_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

int open_retrying(int folder, const char* name, int flags) {
    int fd = -1;
    do {
        fd = ::openat(folder, name, flags);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
           name.find('\0') == name.npos;
}

}  // namespace

result<input_file> input_file::open(const std::string& path) {
    if (path.empty()) return status(errc::arg, "the file name is empty");
    if (path.find('\0') != std::string::npos)
        return status(errc::arg, "the file name " + qslip::quoted(path) + " contains a zero byte");
    // Looked at before it is opened: opening a device or a pipe can have effects of its own.
    struct stat before {};
    if (::stat(path.c_str(), &before) != 0) return open_error(path, errno);
    if (!S_ISREG(before.st_mode)) return not_regular(path, before.st_mode);
    const int fd = open_retrying(AT_FDCWD, path.c_str(), read_flags);
    if (fd < 0) return open_error(path, errno);
    input_file file(fd, path);
    QSLIP_CHECK(identify(fd, path, file.id_));
    return file;
}

result<input_file> input_file::open_below(const std::string& folder, std::span<const std::string> way) {
    std::string path = folder;
    input_file at(open_retrying(AT_FDCWD, folder.c_str(), read_flags | O_DIRECTORY), folder);
    if (at.fd_ < 0) return system_error(folder, "cannot open the folder", errno);
    for (std::size_t i = 0; i < way.size(); ++i) {
        if (!is_plain_name(way[i]))
            return status(errc::arg,
                          qslip::quoted(way[i]) + " is no name of a file below " + escaped(folder));
        path += "/" + way[i];
        struct stat before {};
        if (::fstatat(at.fd_, way[i].c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0)
            return open_error(path, errno);
        const bool last = i + 1 == way.size();
        if (last ? !S_ISREG(before.st_mode) : S_ISLNK(before.st_mode))
            return not_regular(path, before.st_mode);
        const int fd =
            open_retrying(at.fd_, way[i].c_str(), read_flags | O_NOFOLLOW | (last ? 0 : O_DIRECTORY));
        if (fd < 0) return open_error(path, errno);
        at = input_file(fd, path);
    }
    QSLIP_CHECK(identify(at.fd_, path, at.id_));
    return at;
}

input_file::input_file(input_file&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), id_(other.id_) {}

input_file& input_file::operator=(input_file&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    std::swap(id_, other.id_);
    return *this;
}

input_file::~input_file() {
    if (fd_ >= 0) ::close(fd_);
}

status input_file::identify(int fd, const std::string& path, identity& out) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) return system_error(path, "cannot query", errno);
    if (!S_ISREG(info.st_mode)) return not_regular(path, info.st_mode);
    out.size_bytes = static_cast<std::uint64_t>(info.st_size);
    out.device = static_cast<std::uint64_t>(info.st_dev);
    out.inode = static_cast<std::uint64_t>(info.st_ino);
    out.mtime_s = static_cast<std::int64_t>(info.st_mtim.tv_sec);
    out.mtime_ns = static_cast<std::int64_t>(info.st_mtim.tv_nsec);
    return {};
}

status input_file::read_at(std::uint64_t offset, std::span<std::byte> out) const {
    if (offset > id_.size_bytes || out.size() > id_.size_bytes - offset)
        return {errc::truncated, escaped(path_) + ": " + grouped(out.size()) + " bytes wanted at byte " +
                                     grouped(offset) + ", file has " + grouped(id_.size_bytes) +
                                     ": download again"};
    // One call moves at most 2^31 - 4096 bytes on Linux; a smaller step keeps the loop alive to signals.
    constexpr std::size_t max_step = std::size_t{1} << 28;
    while (!out.empty()) {
        const auto got = ::pread(fd_, out.data(), std::min(out.size(), max_step), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(path_, "cannot read at byte " + grouped(offset), errno);
        if (got == 0)
            return {errc::changed, escaped(path_) + ": ends at byte " + grouped(offset) + ", had " +
                                       grouped(id_.size_bytes) + " when opened: it changed while in use"};
        offset += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

status input_file::unchanged() const {
    identity now;
    QSLIP_CHECK(identify(fd_, path_, now));
    if (now == id_) return {};
    return {errc::changed, escaped(path_) + ": changed while in use (" + grouped(id_.size_bytes) +
                               " bytes at open, " + grouped(now.size_bytes) +
                               " now, or a newer modification time); run again"};
}

}  // namespace qslip
