#pragma once
// The coarse operations a tier offers. Same bits from every tier: one fused multiply-add per input in
// ascending order for each output of a product, 16 lanes (i mod 16) and a fixed tree for each sum, one
// exponential, IEEE division and square root.
#include <qslip/core/position_values.hpp>
#include <qslip/kernels/isa.hpp>

#include <cstddef>
#include <cstdint>

#include "kernels/packed.hpp"

namespace qslip::kernels {

/// c [m, w.n_out] = a [m, w.n_in] * w, or c += with `accumulate` (one addition per element).
struct matmul_args {
    const packed_matrix* w;
    const float* a;
    std::size_t lda;  ///< floats from row to row
    std::size_t m;
    float* c;
    std::size_t ldc;
    bool accumulate;
    float* scratch;  ///< matmul_scratch_floats(m, w.n_in), 64-byte aligned
};

struct table {
    isa tier;
    void (*matmul)(const matmul_args&);
    /// Rows base, cand [n], n >= 1; target < 0: none; `out` holds a fresh position_values.
    void (*position_sweep)(const float* base, const float* cand, std::size_t n, std::int32_t target,
                           position_values* out);
};

/// Room for one expanded panel and the row blocks of `a`, whatever the tier.
constexpr std::size_t matmul_scratch_floats(std::size_t m, std::size_t n_in) {
    return n_blocks(n_in) * block_inputs * panel_columns + (m + 16) * n_in + 16;
}

/// The tier's table; null when this build does not hold it.
const table* find_table(isa tier) noexcept;

}  // namespace qslip::kernels
