#include <malloc.h>
#include <cstdlib>
#include <new>
#include <support/allocation_count.hpp>

namespace qslip::test {

allocation_count& allocations() noexcept {
    thread_local allocation_count count;
    return count;
}

}  // namespace qslip::test

void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    void* p = std::malloc(n != 0 ? n : 1);
    if (p == nullptr) return nullptr;
    auto& a = qslip::test::allocations();
    a.live_bytes += ::malloc_usable_size(p);
    if (a.live_bytes > a.peak_bytes) a.peak_bytes = a.live_bytes;
    if (n > a.largest_bytes) a.largest_bytes = n;
    return p;
}
void* operator new(std::size_t n) {
    void* p = ::operator new(n, std::nothrow);
    if (p == nullptr) throw std::bad_alloc();
    return p;
}
void* operator new[](std::size_t n) { return ::operator new(n); }
void* operator new[](std::size_t n, const std::nothrow_t& t) noexcept { return ::operator new(n, t); }
void operator delete(void* p) noexcept {
    if (p != nullptr) {
        auto& a = qslip::test::allocations();
        const auto n = ::malloc_usable_size(p);
        a.live_bytes -= n < a.live_bytes ? n : a.live_bytes;
    }
    std::free(p);
}
void operator delete[](void* p) noexcept { ::operator delete(p); }
void operator delete(void* p, std::size_t) noexcept { ::operator delete(p); }
void operator delete[](void* p, std::size_t) noexcept { ::operator delete(p); }
