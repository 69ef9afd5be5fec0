#pragma once
// Numbers and codes in the bytes of a stored block, little-endian, of any alignment.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "kernels/half.hpp"

namespace qslip::kernels {

template <class T>
T load(const std::uint8_t* p) noexcept {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
template <class T>
void store(std::uint8_t* p, T v) noexcept {
    std::memcpy(p, &v, sizeof v);
}
inline float load_half(const std::uint8_t* p) noexcept { return half_to_float(load<std::uint16_t>(p)); }
inline void store_half(std::uint8_t* p, float f) noexcept { store(p, float_to_half(f)); }

/// n_bits bits of each of n bytes, from `shift` on, are those of n codes from `at` on.
struct bit_plane {
    std::size_t byte, n, shift, n_bits, code, at;
};

/// Plane i is plane(i).
template <std::size_t n, class Plane>
constexpr std::array<bit_plane, n> make_planes(Plane plane) noexcept {
    std::array<bit_plane, n> out{};
    for (std::size_t i = 0; i < n; ++i) out[i] = plane(i);
    return out;
}

inline void read_planes(std::span<const bit_plane> planes, const std::uint8_t* stored,
                        std::span<std::uint8_t> codes) noexcept {
    std::fill(codes.begin(), codes.end(), std::uint8_t{0});
    for (const bit_plane& p : planes) {
        const unsigned mask = (1u << p.n_bits) - 1;
        for (std::size_t i = 0; i < p.n; ++i)
            codes[p.code + i] |= static_cast<std::uint8_t>((stored[p.byte + i] >> p.shift & mask) << p.at);
    }
}
/// The bytes start as zeros.
inline void write_planes(std::span<const bit_plane> planes, const std::uint8_t* codes,
                         std::uint8_t* stored) noexcept {
    for (const bit_plane& p : planes) {
        const unsigned mask = (1u << p.n_bits) - 1;
        for (std::size_t i = 0; i < p.n; ++i)
            stored[p.byte + i] |= static_cast<std::uint8_t>((codes[p.code + i] >> p.at & mask) << p.shift);
    }
}

}  // namespace qslip::kernels
