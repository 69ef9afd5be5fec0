#include "core/thread_team.hpp"

#include <atomic>
#include <chrono>
#include <system_error>
#include <thread>
#include <vector>

namespace qslip {
namespace {

void pause_briefly() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Waits while `value` is `old`: spins, then sleeps.
void wait_while(const std::atomic<unsigned>& value, unsigned old) noexcept {
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + std::chrono::microseconds(20);
    do {
        for (int i = 0; i < 64; ++i) {
            if (value.load(std::memory_order_acquire) != old) return;
            pause_briefly();
        }
    } while (clock::now() < end);
    while (value.load(std::memory_order_acquire) == old) value.wait(old, std::memory_order_acquire);
}

}  // namespace

struct thread_team::impl {
    std::atomic<unsigned> arrived{0}, generation{0};  // of the barrier
    std::atomic<unsigned> is_complete{0};             // `size` is final
    unsigned size = 1;
    bool is_over = false;  // written before a barrier, read after it
    const std::function<void(unsigned)>* work = nullptr;
    std::vector<std::thread> helpers;

    void sync() noexcept {
        if (size == 1) return;
        const unsigned old = generation.load(std::memory_order_acquire);
        if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < size) return wait_while(generation, old);
        arrived.store(0, std::memory_order_relaxed);
        generation.fetch_add(1, std::memory_order_acq_rel);
        generation.notify_all();
    }
    void help(unsigned part) {
        wait_while(is_complete, 0);
        for (;;) {
            sync();
            if (is_over) return;
            (*work)(part);
            sync();
        }
    }
};

thread_team::thread_team(unsigned size) : impl_(new impl) {
    for (unsigned part = 1; part < size; ++part) try {
            impl_->helpers.emplace_back([state = impl_.get(), part] { state->help(part); });
        } catch (const std::system_error&) {
            break;
        }
    impl_->size = 1 + static_cast<unsigned>(impl_->helpers.size());
    impl_->is_complete.store(1, std::memory_order_release);
    impl_->is_complete.notify_all();
}
thread_team::thread_team(thread_team&&) noexcept = default;

thread_team::~thread_team() {
    if (!impl_) return;
    impl_->is_over = true;
    impl_->sync();
    for (std::thread& t : impl_->helpers) t.join();
}

unsigned thread_team::size() const noexcept { return impl_->size; }

void thread_team::run(const std::function<void(unsigned part)>& work) {
    impl_->work = &work;
    impl_->sync();
    work(0);
    impl_->sync();
}

void thread_team::sync() noexcept { impl_->sync(); }

}  // namespace qslip
