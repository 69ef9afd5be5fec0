#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

namespace qslip {

/// A size from a file or a caller: an unsigned 64-bit number that remembers overflow.
/// Arithmetic with an overflowed operand stays overflowed; `get()` is empty then.
class checked_size {
public:
    constexpr checked_size(std::uint64_t n) noexcept : n_(n) {}

    constexpr std::optional<std::uint64_t> get() const noexcept {
        return ok_ ? std::optional<std::uint64_t>(n_) : std::nullopt;
    }
    /// True when the exact value is at most `bound`; an overflowed size is not.
    constexpr bool at_most(std::uint64_t bound) const noexcept { return ok_ && n_ <= bound; }

    friend constexpr checked_size operator+(checked_size a, checked_size b) noexcept {
        checked_size r{0};
        r.ok_ = !__builtin_add_overflow(a.n_, b.n_, &r.n_) && a.ok_ && b.ok_;
        return r;
    }
    friend constexpr checked_size operator*(checked_size a, checked_size b) noexcept {
        checked_size r{0};
        r.ok_ = !__builtin_mul_overflow(a.n_, b.n_, &r.n_) && a.ok_ && b.ok_;
        return r;
    }

private:
    std::uint64_t n_;
    bool ok_ = true;
};

/// The next multiple of `alignment` (a power of two) at or above `n`.
constexpr checked_size align_up(checked_size n, std::uint64_t alignment) noexcept {
    const checked_size raised = n + (alignment - 1);
    return raised.get() ? checked_size(*raised.get() & ~(alignment - 1)) : raised;
}

}  // namespace qslip
