#include "long_run.hpp"

#include <qslip/detail/core/text.hpp>

#include <unistd.h>
#include <cmath>
#include <cstdlib>

namespace qslip::tool {
namespace {

constexpr int stop_signal = SIGUSR1;  // from the destructor to the watcher

/// "1:05" or "2:01:05".
std::string hours_minutes_seconds(double duration_s) {
    const auto all = static_cast<std::uint64_t>(duration_s);
    char text[48];
    if (all < 3600)
        std::snprintf(text, sizeof text, "%u:%02u", static_cast<unsigned>(all / 60),
                      static_cast<unsigned>(all % 60));
    else
        std::snprintf(text, sizeof text, "%llu:%02u:%02u", static_cast<unsigned long long>(all / 3600),
                      static_cast<unsigned>(all / 60 % 60), static_cast<unsigned>(all % 60));
    return text;
}

std::string percent(std::uint64_t done, std::uint64_t total) {
    const double share = total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
    return std::to_string(static_cast<int>(100 * share)) + " %";
}

/// One that the caller's caller ignores (nohup) stays ignored.
void watch_unless_ignored(sigset_t& set, int signal) {
    struct sigaction found {};
    ::sigaction(signal, nullptr, &found);
    if (found.sa_handler != SIG_IGN) ::sigaddset(&set, signal);
}

timespec timespec_of(long_run::seconds duration) {
    const double whole_s = std::floor(duration.count());
    return {static_cast<time_t>(whole_s), static_cast<long>((duration.count() - whole_s) * 1e9)};
}

}  // namespace

std::string progress_text(std::uint64_t done, std::uint64_t total, double elapsed_s) {
    const auto elapsed = hours_minutes_seconds(elapsed_s) + " elapsed";
    if (total == 0) return "preparing, " + elapsed;
    std::string text = percent(done, total) + ", " + grouped(done) + " of " + grouped(total) + " tokens, ";
    if (done == 0 || elapsed_s <= 0) return text + elapsed;
    const double tokens_per_s = static_cast<double>(done) / elapsed_s;
    text += grouped(static_cast<std::uint64_t>(std::llround(tokens_per_s))) + " tokens/s, " + elapsed;
    return text + ", " + hours_minutes_seconds(static_cast<double>(total - done) / tokens_per_s) + " left";
}

long_run::rhythm long_run::of_stderr() {
    const bool is_terminal = ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    return is_terminal ? rhythm{true, seconds(0), seconds(1)} : rhythm{};
}

long_run::long_run(rhythm when) : when_(when) {
    ::sigemptyset(&watched_);
    ::sigaddset(&watched_, stop_signal);
    watch_unless_ignored(watched_, SIGINT);
    watch_unless_ignored(watched_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &watched_, &before_);
    watcher_ = std::thread([this] { watch(); });
}

long_run::~long_run() {
    ::pthread_kill(watcher_.native_handle(), stop_signal);
    watcher_.join();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    std::fputs(clear_line(), stderr);
}

void long_run::update(std::uint64_t done, std::uint64_t total) {
    const std::lock_guard hold(hold_);
    if (done == 0 || done < done_) start_ = clock::now();  // another pass
    done_ = done;
    total_ = total;
}

void long_run::say(const std::string& lines) {
    const std::lock_guard hold(hold_);
    std::fprintf(stderr, "%s%s", clear_line(), lines.c_str());
}

void long_run::say_resumed(std::uint64_t done_items, std::uint64_t items) {
    say("note: " + grouped(done_items) + " of " + grouped(items) + " items were done by an earlier run\n");
}

/// Waits for a signal; what it waits in vain is the rhythm of the lines.
void long_run::watch() {
    for (seconds wait = when_.first;; wait = when_.every) {
        const timespec time = timespec_of(wait);
        const int signal = ::sigtimedwait(&watched_, nullptr, &time);
        if (signal == stop_signal) return;
        if (signal > 0) end_by(signal);
        show();
    }
}

void long_run::show() {
    const std::lock_guard hold(hold_);
    const auto text = progress_text(done_, total_, seconds(clock::now() - start_).count());
    std::fprintf(stderr, "%s%s%s", clear_line(), text.c_str(), when_.is_terminal ? "" : "\n");
}

void long_run::end_by(int signal) {
    hold_.lock();  // for good: nothing more is done
    std::fprintf(stderr, "%sinterrupted at %s: the same line continues\n", clear_line(),
                 percent(done_, total_).c_str());
    ::signal(signal, SIG_DFL);
    ::pthread_sigmask(SIG_UNBLOCK, &watched_, nullptr);
    ::raise(signal);
    ::_exit(128 + signal);
}

}  // namespace qslip::tool
