#pragma once
#include <unistd.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace qslip::tool {

/// One line on the terminal that is written over; nothing anywhere else.
class progress_line {
public:
    void show(std::uint64_t done, std::uint64_t total) {
        if (!shown_ || total == 0) return;
        std::fprintf(stderr, "\r%3.0f %%  %llu of %llu tokens",
                     100.0 * static_cast<double>(done) / static_cast<double>(total),
                     static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
        used_ = true;
    }
    ~progress_line() {
        if (used_) std::fprintf(stderr, "\r\033[K");
    }

private:
    bool shown_ = ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr, used_ = false;
};

}  // namespace qslip::tool
