#pragma once
// Activations as integers, a scale per 32 of a row: what products with coded weights take in modes A16 and
// A8.
#include <qslip/detail/core/numerics.hpp>

#include <cstddef>
#include <cstdint>

#include "kernels/packed.hpp"

namespace qslip::kernels {

/// Bytes of one block's codes in the widest of the tiers' layouts.
inline constexpr std::size_t max_code_bytes = 96;

/// Row-major. How the codes of a block lie is the tier's own affair; a 64-byte gap between rows keeps their
/// cache sets apart.
struct quantized_rows {
    std::int8_t* codes = nullptr;  ///< [m][code_row_bytes]
    float* scales = nullptr;       ///< [m][n_blocks]
    std::int32_t* sums = nullptr;  ///< [m][n_blocks][2]: of the first 16 codes and of the last
    float* scaled_sums = nullptr;  ///< [m][n_blocks]: what a weight's minimum is multiplied with
};

constexpr std::size_t code_row_bytes(std::size_t n_in) { return n_blocks(n_in) * max_code_bytes + 64; }

/// Rows x [m, n], n a multiple of 32, become integers: q = round(x * (limit / largest |x| of the block)),
/// ties to even, scale = largest |x| / limit. A16: limit 32512, so that q is 256 h + l with two signed bytes.
/// A8: limit 127; scale and scale * sum are rounded to binary16, as ggml's quantize_row_q8_0 and _q8_1 do on
/// x86. A block with a NaN or infinity gets the scale NaN, so that it cannot vanish in a product.
struct quantize_args {
    const float* x;
    std::size_t ldx, m, n;
    numerics mode;  ///< a16 or a8
    quantized_rows out;
};

}  // namespace qslip::kernels
