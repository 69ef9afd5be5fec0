#pragma once
#include <qslip/detail/core/cplusplus.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace qslip {

/// A two's-complement integer of N 64-bit words, least significant first. Wraps on overflow; its users
/// choose N so that nothing can overflow (metrics/exact_sum.hpp).
template <std::size_t N>
struct wide_int {
    std::array<std::uint64_t, N> word{};

    constexpr wide_int() noexcept = default;
    constexpr wide_int(std::int64_t v) noexcept {
        word.fill(v < 0 ? ~std::uint64_t{0} : 0);
        word[0] = static_cast<std::uint64_t>(v);
    }
    /// Sign-extends or cuts.
    template <std::size_t M>
    constexpr explicit wide_int(const wide_int<M>& v) noexcept {
        for (std::size_t i = 0; i < N; ++i)
            word[i] = i < M ? v.word[i] : (v.negative() ? ~std::uint64_t{0} : 0);
    }

    constexpr bool negative() const noexcept { return (word[N - 1] >> 63) != 0; }
    constexpr bool operator==(const wide_int&) const noexcept = default;

    constexpr wide_int& operator+=(const wide_int& b) noexcept {
        bool carry = false;
        for (std::size_t i = 0; i < N; ++i) {
            const bool c1 = __builtin_add_overflow(word[i], b.word[i], &word[i]);
            carry = __builtin_add_overflow(word[i], std::uint64_t{carry}, &word[i]) || c1;
        }
        return *this;
    }
    constexpr wide_int operator-() const noexcept {
        wide_int r;
        for (std::size_t i = 0; i < N; ++i) r.word[i] = ~word[i];
        return r += wide_int(1);
    }
    constexpr wide_int& operator-=(const wide_int& b) noexcept { return *this += -b; }
    friend constexpr wide_int operator+(wide_int a, const wide_int& b) noexcept { return a += b; }
    friend constexpr wide_int operator-(wide_int a, const wide_int& b) noexcept { return a -= b; }

    /// The nearest double, ties to even: the same on every machine.
    constexpr double to_double() const noexcept {
        return negative() ? -(-*this).magnitude_to_double() : magnitude_to_double();
    }

private:
    template <std::size_t M>
    friend struct wide_int;

    constexpr double magnitude_to_double() const noexcept {
        std::size_t top = N;
        while (top > 0 && word[top - 1] == 0) --top;
        if (top == 0) return 0;
        // The 64 leading bits, the last of them set if anything below is: then one rounding is exact.
        const auto shift = static_cast<unsigned>(std::countl_zero(word[top - 1]));
        std::uint64_t lead = word[top - 1] << shift;
        if (top > 1 && shift > 0) lead |= word[top - 2] >> (64 - shift);
        bool rest = top > 1 && (word[top - 2] << shift) != 0;
        for (std::size_t i = 0; i + 2 < top; ++i) rest = rest || word[i] != 0;
        double r = static_cast<double>(lead | std::uint64_t{rest});
        for (int e = static_cast<int>(64 * (top - 1)) - static_cast<int>(shift); e != 0; e += e > 0 ? -1 : 1)
            r *= e > 0 ? 2.0 : 0.5;
        return r;
    }
};

/// The exact product; M + N words always hold it.
template <std::size_t M, std::size_t N>
constexpr wide_int<M + N> wide_mul(const wide_int<M>& a, const wide_int<N>& b) noexcept {
    __extension__ using u128 = unsigned __int128;
    const bool negative = a.negative() != b.negative();
    const auto x = a.negative() ? -a : a;
    const auto y = b.negative() ? -b : b;
    wide_int<M + N> r;
    for (std::size_t i = 0; i < M; ++i) {
        u128 carry = 0;
        for (std::size_t j = 0; j < N; ++j) {
            carry += static_cast<u128>(x.word[i]) * y.word[j] + r.word[i + j];
            r.word[i + j] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
        r.word[i + N] = static_cast<std::uint64_t>(carry);
    }
    return negative ? -r : r;
}

/// n as a wide integer; two words, so that no count is taken for a negative number.
constexpr wide_int<2> wide_count(std::uint64_t n) noexcept {
    wide_int<2> r;
    r.word[0] = n;
    return r;
}

}  // namespace qslip
