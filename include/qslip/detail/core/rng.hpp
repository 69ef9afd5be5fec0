#pragma once
#include <cstdint>

namespace qslip {

/// Finalizer of SplitMix64 (Steele, Lea, Flood 2014).
constexpr std::uint64_t mix64(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/// Counter-based generator: draw i of a seed depends on nothing else, so any order of work and any
/// number of threads give the same numbers.
class counter_rng {
public:
    constexpr explicit counter_rng(std::uint64_t seed) noexcept : seed_(seed) {}
    constexpr std::uint64_t at(std::uint64_t i) const noexcept {
        return mix64(seed_ + (i + 1) * 0x9E3779B97F4A7C15ull);
    }
    /// Uniform in [0, n), n > 0: the high half of at(i) * n.
    constexpr std::uint64_t index_at(std::uint64_t i, std::uint64_t n) const noexcept {
        __extension__ using u128 = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<u128>(at(i)) * n) >> 64);
    }

private:
    std::uint64_t seed_;
};

}  // namespace qslip
