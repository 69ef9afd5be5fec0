#include "long_run.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <functional>

using namespace qslip::tool;
using namespace std::chrono_literals;

namespace {

constexpr long_run::rhythm often{false, 0.02s, 0.02s};

/// A process of its own whose stderr is read here.
class child {
public:
    explicit child(const std::function<void()>& work) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        id_ = ::fork();
        if (id_ == 0) {
            ::dup2(ends[1], STDERR_FILENO);
            ::close(ends[0]);
            work();
            ::_exit(0);
        }
        ::close(ends[1]);
        stderr_ = ends[0];
    }
    ~child() { ::close(stderr_); }

    /// Reads on until `text` was said; false when the process ends without it.
    bool says(const std::string& text) {
        char piece[256];
        while (said_.find(text) == said_.npos) {
            const auto n = ::read(stderr_, piece, sizeof piece);
            if (n <= 0) return false;
            said_.append(piece, static_cast<std::size_t>(n));
        }
        return true;
    }
    void signal(int number) const { ::kill(id_, number); }
    int wait_status() const {
        int status = 0;
        ::waitpid(id_, &status, 0);
        return status;
    }
    const std::string& said() const { return said_; }

private:
    pid_t id_ = -1;
    int stderr_ = -1;
    std::string said_;
};

void run_until_killed() {
    long_run shown(often);
    shown.update(0, 400);
    shown.update(164, 400);
    std::this_thread::sleep_for(20s);
}

}  // namespace

TEST_CASE("progress says done, total, speed, elapsed and what is left") {
    CHECK(progress_text(12300, 30000, 40) ==
          "41 %, 12,300 of 30,000 tokens, 308 tokens/s, 0:40 elapsed, 0:57 left");
    CHECK(progress_text(1, 10801, 1) == "0 %, 1 of 10,801 tokens, 1 tokens/s, 0:01 elapsed, 3:00:00 left");
    CHECK(progress_text(7, 7, 7) == "100 %, 7 of 7 tokens, 1 tokens/s, 0:07 elapsed, 0:00 left");
}

TEST_CASE("progress promises nothing before the first result") {
    CHECK(progress_text(0, 30000, 12) == "0 %, 0 of 30,000 tokens, 0:12 elapsed");
    CHECK(progress_text(0, 0, 12) == "preparing, 0:12 elapsed");
}

TEST_CASE("away from a terminal a run says whole lines, again and again") {
    child run(run_until_killed);
    CHECK(run.says("41 %, 164 of 400 tokens"));
    CHECK(run.says(" left\n41 %"));
    CHECK(run.said().find('\r') == std::string::npos);
    run.signal(SIGKILL);
    run.wait_status();
}

TEST_CASE("an interrupt says that the same line continues and ends the process by that signal") {
    for (const int number : {SIGINT, SIGTERM}) {
        child run(run_until_killed);
        REQUIRE(run.says("41 %"));
        run.signal(number);
        CHECK(run.says("interrupted at 41 %: the same line continues\n"));
        const int status = run.wait_status();
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == number);
    }
}

TEST_CASE("an interrupt that was ignored before stays ignored") {
    child run([] {
        ::signal(SIGINT, SIG_IGN);
        run_until_killed();
    });
    REQUIRE(run.says("41 %"));
    run.signal(SIGINT);
    const auto before = run.said().size();
    CHECK(run.says(" left\n41 %"));
    CHECK(run.said().substr(before).find("interrupted") == std::string::npos);
    run.signal(SIGTERM);
    CHECK(WTERMSIG(run.wait_status()) == SIGTERM);
}

TEST_CASE("a run that ends leaves signals as they were") {
    child run([] {
        { long_run shown(often); }
        ::raise(SIGINT);
        ::_exit(0);
    });
    CHECK(WTERMSIG(run.wait_status()) == SIGINT);
}
