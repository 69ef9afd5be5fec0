#pragma once
// The start of a block of Q4_K or Q5_K: the unit of the scales, that of the minima, and twelve bytes with the
// factors of eight groups of 32, six bits each: eight of scales, then eight of minima.
#include "kernels/formats/fit_affine.hpp"

namespace qslip::kernels {

inline constexpr bit_plane k_factor_planes[] = {{4, 4, 0, 6, 0, 0},   {12, 4, 0, 4, 4, 0},
                                                {4, 4, 6, 2, 4, 4},   {8, 4, 0, 6, 8, 0},
                                                {12, 4, 4, 4, 12, 0}, {8, 4, 6, 2, 12, 4}};

inline void read_k_scales(const std::uint8_t* stored, coded_block& out) noexcept {
    std::uint8_t factors[16];
    read_planes(k_factor_planes, stored, factors);
    read_affine(stored, factors, factors + 8, 8, out);
}

/// Also the codes of the 256 numbers, 0 ... top.
inline void write_k_scales(const float* x, int top, std::uint8_t* stored, std::uint8_t* codes) noexcept {
    const affine_multiples m = encode_affine({x, 8, 32}, top, 63, stored, codes);
    std::uint8_t factors[16];
    for (std::size_t g = 0; g < 8; ++g) {
        factors[g] = static_cast<std::uint8_t>(m.scales.factors[g]);
        factors[8 + g] = static_cast<std::uint8_t>(m.minima.factors[g]);
    }
    write_planes(k_factor_planes, factors, stored);
}

}  // namespace qslip::kernels
