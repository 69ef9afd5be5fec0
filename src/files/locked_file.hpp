#pragma once
#include <qslip/errors.hpp>

#include <cerrno>
#include <string>

namespace qslip {

/// Repeats a system call that a signal interrupted.
template <class Call>
auto retried(Call call) {
    auto r = call();
    while (r < 0 && errno == EINTR) r = call();
    return r;
}

/// Opens or makes the file `name` to read and write and locks it against other writers; `for_whom` is named
/// when another has it. The caller closes the descriptor. Errors: busy, io, not_regular.
result<int> open_locked(const std::string& name, const std::string& for_whom);

/// Flushes the folder of `path`: a rename or removal there must survive a power loss. Not every file system
/// lets a folder be synced.
void sync_folder(const std::string& path);

}  // namespace qslip
