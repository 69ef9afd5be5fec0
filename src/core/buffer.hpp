#pragma once
// Zeroed memory straight from the operating system, page aligned, touched only when used.
#include <sys/mman.h>
#include <cstddef>
#include <utility>

namespace qslip {

class buffer {
public:
    buffer() = default;
    buffer(buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}
    buffer& operator=(buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~buffer() {
        if (data_ != nullptr) munmap(data_, size_);
    }

    /// Replaces the contents by size_bytes > 0 zero bytes; false when there is no memory (then unchanged).
    bool allocate(std::size_t size_bytes) noexcept {
        void* p = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) return false;
        madvise(p, size_bytes, MADV_HUGEPAGE);  // a hint: failure changes nothing
        buffer fresh;
        fresh.data_ = p;
        fresh.size_ = size_bytes;
        *this = std::move(fresh);
        return true;
    }
    std::size_t size_bytes() const noexcept { return data_ != nullptr ? size_ : 0; }
    std::byte* data() noexcept { return static_cast<std::byte*>(data_); }
    float* floats() noexcept { return static_cast<float*>(data_); }
    const float* floats() const noexcept { return static_cast<const float*>(data_); }

private:
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace qslip
