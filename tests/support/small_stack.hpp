#pragma once
// Work on a thread whose stack is small, and how long it took there.
#include <doctest/doctest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>

#if defined(__SANITIZE_ADDRESS__)
#define QSLIP_ADDRESS_SANITIZED 1
#elif defined(__has_feature)  // clang's way to say so
#define QSLIP_ADDRESS_SANITIZED __has_feature(address_sanitizer)
#else
#define QSLIP_ADDRESS_SANITIZED 0
#endif

namespace qslip_test {

/// 128 KiB; under sanitizers, whose frames are several times as large, 1 MiB.
inline constexpr std::size_t small_stack_bytes = QSLIP_ADDRESS_SANITIZED ? 1 << 20 : 128 << 10;

/// Runs `work` on a thread with a small stack, below it a page that must not be touched. Returns the bytes of
/// stack it used, the thread's own included.
inline std::size_t on_small_stack(std::function<void()> work) {
    constexpr std::size_t guard_bytes = 64 << 10;
    constexpr int paint = 0xA5;
    void* mapped = mmap(nullptr, guard_bytes + small_stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(mapped != MAP_FAILED);
    REQUIRE(mprotect(mapped, guard_bytes, PROT_NONE) == 0);
    auto* stack = static_cast<unsigned char*>(mapped) + guard_bytes;
    std::memset(stack, paint, small_stack_bytes);
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstack(&attributes, stack, small_stack_bytes) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(
                &thread, &attributes,
                [](void* p) -> void* {
                    (*static_cast<std::function<void()>*>(p))();
                    return nullptr;
                },
                &work) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    const auto* end = stack + small_stack_bytes;
    const auto* touched =
        std::find_if(stack, const_cast<unsigned char*>(end), [](int b) { return b != paint; });
    const auto used_bytes = static_cast<std::size_t>(end - touched);
    munmap(mapped, guard_bytes + small_stack_bytes);
    return used_bytes;
}

/// Processor time of this thread: the machine may be busy with other things.
inline double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace qslip_test
