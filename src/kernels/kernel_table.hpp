#pragma once
// The coarse operations a tier offers. Same bits from every tier: one fused multiply-add per input in
// ascending order for each output of a product, 16 lanes (i mod 16) and a fixed tree for each sum, one
// exponential, IEEE division and square root.
#include <qslip/detail/core/isa.hpp>
#include <qslip/detail/core/position_values.hpp>

#include <cstddef>
#include <cstdint>

#include "kernels/packed.hpp"
#include "kernels/quantized_rows.hpp"

namespace qslip::kernels {

struct product {
    const packed_matrix* w;
    float* c;
    std::size_t ldc;
};

/// The rows of a product, whole or one part of its panels. Rows are floats or, in modes A16 and A8, codes;
/// weights stored as floats take the floats in every mode.
struct matmul_rows {
    const float* a;
    std::size_t lda;  ///< floats from row to row
    std::size_t m, n_in;
    numerics mode;
    quantized_rows codes;
    float* scratch;  ///< matmul_scratch_floats(m, n_in), 64-byte aligned, this part's own
    std::size_t part, n_parts;
};

/// For each product: c [m, w->n_out] = rows * w, or c += with `accumulate` (one addition per element).
struct matmul_args {
    matmul_rows rows;
    const product* products;
    std::size_t n_products;
    bool accumulate;
};

/// silu(rows * gate) * (rows * up), [m, gate->n_out]: as floats, as codes of rows.mode (gate->n_out then a
/// multiple of 32), or both.
struct gated_args {
    matmul_rows rows;
    const packed_matrix *gate, *up;
    float* out;  ///< may be null
    std::size_t ldo;
    const quantized_rows* out_codes;  ///< may be null
};

/// out [n_rows, n] = x / sqrt(mean(x^2) + eps) * weight, row by row.
struct norm_args {
    const float* x;
    std::size_t ldx;
    const float* weight;
    std::size_t n;
    float eps;
    float* out;
    std::size_t ldo;
    std::size_t n_rows;
};

inline constexpr std::size_t key_tile = 64;  ///< keys per tile of a key cache

/// What attention tells about its rows, [n_new, n_heads] each. x: score - largest score, scaled; sums over
/// the visible keys.
struct attention_taps {
    float* sums;                      ///< sum of e^x; null: nothing is told
    float* weighted;                  ///< sum of x e^x
    float* sink;                      ///< sum of e^x over keys 0 ... 3
    std::size_t ld;                   ///< numbers from row to row
    float* crossed;                   ///< null, or sum of x e^x_base, x_base a baseline's
    const float *base_q, *base_keys;  ///< with crossed: the baseline's, laid out as q and keys
};

/// Causal attention of n_new positions of one sequence; keys and values of those are already stored. Keys
/// before all windows cost nothing.
struct attention_args {
    const float* q;  ///< [n_new, n_heads * head_dim], rotated
    std::size_t ldq;
    const float* keys;        ///< per KV head: [tiles][head_dim][64 keys]
    const float* values;      ///< per KV head: [keys][head_dim]
    std::size_t head_stride;  ///< floats from KV head to KV head, in both
    std::size_t first_position, n_new;
    std::size_t n_heads, n_kv_heads, head_dim;  ///< head_dim: a multiple of 32
    float scale;
    std::size_t window;  ///< keys a position sees, its own among them; 0: all
    float* out;          ///< [n_new, n_heads * head_dim]
    std::size_t ldo;
    attention_taps taps;
    float* scratch;  ///< attention_scratch_floats, 64-byte aligned
};

/// What a round of the peak loops counts as.
struct product_rates {
    std::size_t lanes;      ///< a round's; one multiply-add each for floats
    float code_macs[2][2];  ///< multiply-adds a lane and product, [4 or 8 bit weights][A8 or A16]
};

struct table {
    isa tier;
    void (*matmul)(const matmul_args&);
    void (*gated_matmul)(const gated_args&);
    void (*quantize_rows)(const quantize_args&);
    void (*rmsnorm)(const norm_args&);
    /// Rotates pairs (i, i + half) of each head of a row; cosine, sine [half], half a multiple of 16.
    void (*rope)(float* heads, std::size_t n_heads, std::size_t half, const float* cosine, const float* sine);
    void (*attention)(const attention_args&);
    /// Rows base, cand [n], n >= 1; target < 0: none; `out` holds a fresh position_values.
    void (*position_sweep)(const float* base, const float* cand, std::size_t n, std::int32_t target,
                           position_values* out);
    /// n_rounds of independent multiply-adds, or product instructions, in registers; something of their sums.
    float (*peak_floats)(std::size_t n_rounds);
    std::int32_t (*peak_codes)(std::size_t n_rounds);
    product_rates rates;
};

/// Room for one expanded panel, its sums, the row blocks of `a`, starts and sums of halves, and a gated pair,
/// whatever the tier.
constexpr std::size_t matmul_scratch_floats(std::size_t m, std::size_t n_in) {
    return (n_blocks(n_in) * block_inputs + 3 * m) * panel_columns + (m + 16) * n_in + 4 * m * n_blocks(n_in);
}

/// n_models: 2 with a baseline's scores beside.
constexpr std::size_t attention_scratch_floats(std::size_t head_dim, std::size_t n_keys,
                                               std::size_t n_models = 1) {
    return panel_columns * (2 * head_dim + n_models * (n_keys + key_tile));
}

/// The tier's table; null when this build does not hold it.
const table* find_table(isa tier) noexcept;

}  // namespace qslip::kernels
