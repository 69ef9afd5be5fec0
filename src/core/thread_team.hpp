#pragma once
#include <functional>
#include <memory>

namespace qslip {

/// A few threads that go through one piece of work side by side, in step. They wait between pieces and at
/// each sync(): spinning at first (20 microseconds), then asleep.
class thread_team {
public:
    /// `size` parts, the caller's thread being part 0. Where the system grants fewer threads, size() is
    /// smaller.
    explicit thread_team(unsigned size);
    thread_team(thread_team&&) noexcept;
    ~thread_team();

    unsigned size() const noexcept;

    /// Calls work(part) once on every part at the same time; returns when all are done. `work` must not
    /// throw. One caller at a time.
    void run(const std::function<void(unsigned part)>& work);

    /// Waits until every part of the running work has come here. Only from inside run(), by all parts alike.
    void sync() noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace qslip
