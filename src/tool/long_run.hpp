#pragma once
#include <signal.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

namespace qslip::tool {

/// "41 %, 12,300 of 30,000 tokens, 310 tokens/s, 0:40 elapsed, 0:57 left".
std::string progress_text(std::uint64_t done, std::uint64_t total, double elapsed_s);

/// What a person sees of a run of minutes or hours, on stderr: on a terminal one line that is written over
/// each second, elsewhere a line after ten seconds and then one a minute. An interrupt (SIGINT, SIGTERM) says
/// that the same command line continues, and ends the process as if nobody had caught it. Create it before
/// the threads of the run: they must inherit that the signals are blocked.
class long_run {
public:
    using seconds = std::chrono::duration<double>;
    struct rhythm {
        bool is_terminal = false;
        seconds first{10}, every{60};
    };
    /// Of this process's stderr. NO_COLOR counts as no terminal.
    static rhythm of_stderr();

    explicit long_run(rhythm when = of_stderr());
    ~long_run();
    long_run(const long_run&) = delete;
    long_run& operator=(const long_run&) = delete;

    /// Thread-safe.
    void update(std::uint64_t done, std::uint64_t total);
    /// Whole lines on stderr, clear of the one that is written over. Thread-safe.
    void say(const std::string& lines);
    /// "193 of 500 items were done by an earlier run".
    void say_resumed(std::uint64_t done_items, std::uint64_t items);

private:
    using clock = std::chrono::steady_clock;

    void watch();
    void show();
    const char* clear_line() const { return when_.is_terminal ? "\r\033[K" : ""; }
    [[noreturn]] void end_by(int signal);

    rhythm when_;
    std::mutex hold_;
    std::uint64_t done_ = 0, total_ = 0;
    clock::time_point start_ = clock::now();
    sigset_t watched_, before_;
    std::thread watcher_;
};

}  // namespace qslip::tool
