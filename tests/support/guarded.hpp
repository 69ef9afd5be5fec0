#pragma once
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstddef>
#include <cstring>

namespace qslip::test {

/// n zeroed objects that end where an inaccessible page begins: one read or write beyond ends the test.
template <class T>
class guarded {
public:
    explicit guarded(std::size_t n) : n_(n) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const std::size_t used = (n * sizeof(T) + page - 1) / page * page;
        size_ = used + page;
        base_ = static_cast<std::byte*>(
            mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        REQUIRE(base_ != MAP_FAILED);
        REQUIRE(mprotect(base_ + used, page, PROT_NONE) == 0);
        data_ = reinterpret_cast<T*>(base_ + used - n * sizeof(T));
    }
    guarded(const guarded&) = delete;
    guarded& operator=(const guarded&) = delete;
    ~guarded() { munmap(base_, size_); }

    T* data() { return data_; }
    T& operator[](std::size_t i) { return data_[i]; }
    std::size_t size() const { return n_; }

private:
    std::size_t n_, size_;
    std::byte* base_;
    T* data_;
};

}  // namespace qslip::test
