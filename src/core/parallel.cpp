#include <qslip/detail/core/parallel.hpp>

#include <algorithm>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace qslip {
namespace {

status guarded(const work_function& work, unsigned worker, std::size_t item) {
    try {
        return work(worker, item);
    } catch (const std::bad_alloc&) {
        return status(errc::no_memory, "out of memory");
    } catch (const std::exception& e) {
        return status(errc::internal, e.what());
    }
}

/// Items are handed out in ascending order, so every item below a failed one has been started and ends.
class work_queue {
public:
    explicit work_queue(std::size_t n_items) : end_(n_items) {}

    bool take(std::size_t& item) {
        const std::lock_guard lock(mutex_);
        if (next_ >= end_) return false;
        item = next_++;
        return true;
    }
    void fail(std::size_t item, status why) {
        const std::lock_guard lock(mutex_);
        if (!why_.ok() && item > failed_) return;
        failed_ = item;
        why_ = std::move(why);
        end_ = std::min(end_, item);
    }
    status outcome() { return std::move(why_); }

private:
    std::mutex mutex_;
    std::size_t next_ = 0, end_, failed_ = 0;
    status why_;
};

void run_worker(work_queue& queue, const work_function& work, unsigned worker) {
    for (std::size_t item; queue.take(item);)
        if (status s = guarded(work, worker, item); !s.ok()) queue.fail(item, std::move(s));
}

}  // namespace

unsigned default_threads() noexcept { return std::max(1u, std::thread::hardware_concurrency()); }

status parallel_for(unsigned n_threads, std::size_t n_items, const work_function& work) {
    if (n_threads == 0) n_threads = default_threads();
    work_queue queue(n_items);
    {
        std::vector<std::jthread> helpers;
        for (unsigned worker = 1; worker < n_threads && worker < n_items; ++worker) try {
                helpers.emplace_back([&queue, &work, worker] { run_worker(queue, work, worker); });
            } catch (const std::system_error&) {
                break;
            }
        run_worker(queue, work, 0);
    }
    return queue.outcome();
}

}  // namespace qslip
