#pragma once
// Types of one F16 scale for a block, which few levels share.
#include "kernels/formats/fit.hpp"

namespace qslip::kernels {

inline void read_scale(const std::uint8_t* stored, std::size_t n_weights, coded_block& out) noexcept {
    std::fill_n(out.scales, n_weights / 32, load_half(stored));
}

/// -1, 0 and 1 times the scale, as codes 0, 1, 2.
inline void write_ternary(const float* x, std::size_t n, std::uint8_t* scale, std::uint8_t* codes) noexcept {
    constexpr linear_steps steps{-1.0f, 1.0f};
    const float d = half_of(std::fabs(best_scale(x, n, steps)));
    store_half(scale, d);
    put_codes(x, n, d, steps, codes);
}

}  // namespace qslip::kernels
