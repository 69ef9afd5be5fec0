#pragma once
// A scorer's memory for one tile of rows.
#include <algorithm>

#include "core/buffer.hpp"
#include "kernels/kernel_table.hpp"
#include "model/batch_plan.hpp"

namespace qslip {

/// Hands out 64-byte aligned pieces; without memory it only measures.
class carver {
public:
    explicit carver(float* base) : base_(base) {}
    float* floats(std::size_t n) {
        float* p = base_ == nullptr ? nullptr : base_ + used_;
        used_ += (n + 15) / 16 * 16;
        return p;
    }
    /// [m, n] rows of codes.
    kernels::quantized_rows codes(std::size_t m, std::size_t n) {
        const std::size_t blocks = m * kernels::n_blocks(n);
        kernels::quantized_rows rows;
        rows.codes = reinterpret_cast<std::int8_t*>(floats(m * kernels::code_row_bytes(n) / sizeof(float)));
        rows.scales = floats(blocks);
        rows.sums = reinterpret_cast<std::int32_t*>(floats(2 * blocks));
        rows.scaled_sums = floats(blocks);
        return rows;
    }
    std::size_t used() const { return used_; }

private:
    float* base_;
    std::size_t used_ = 0;
};

/// Activations of one tile, [max_rows, ...] each, and the kernels' scratch.
struct work_area {
    float *normed, *q, *k, *v, *attended, *gated;
    kernels::quantized_rows input_codes, gated_codes;  // modes A16 and A8; input: of normed or attended
    float *products, *attention;                       // parts one after another
    std::size_t products_step, attention_step;         // floats from part to part
    float *tap_sums, *tap_weighted, *tap_sink;         // null without tap
    float* tap_crossed;                                // null without a baseline

    /// n_tapped: models whose attention the taps tell of, this one and a baseline.
    static work_area carve(carver& from, const model_config& c, const batch_plan& plan, std::size_t n_parts,
                           bool coded, std::size_t n_tapped) {
        const std::size_t rows = plan.max_rows, q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
        work_area w{};
        w.normed = from.floats(rows * c.d_model);
        w.q = from.floats(rows * q);
        w.k = from.floats(rows * kv);
        w.v = from.floats(rows * kv);
        w.attended = from.floats(rows * q);
        w.gated = from.floats(rows * c.d_ff);
        if (coded) {
            w.input_codes = from.codes(rows, std::max(c.d_model, q));
            w.gated_codes = from.codes(rows, c.d_ff);
        }
        w.products_step =
            (kernels::matmul_scratch_floats(rows, std::max({c.d_model, c.d_ff, q})) + 15) / 16 * 16;
        w.products = from.floats(n_parts * w.products_step);
        const std::size_t n_models = std::max<std::size_t>(1, n_tapped);
        w.attention_step =
            (kernels::attention_scratch_floats(c.head_dim, plan.max_positions, n_models) + 15) / 16 * 16;
        w.attention = from.floats(n_parts * w.attention_step);
        if (n_tapped == 0) return w;
        w.tap_sums = from.floats(rows * c.n_heads);
        w.tap_weighted = from.floats(rows * c.n_heads);
        w.tap_sink = from.floats(rows * c.n_heads);
        if (n_tapped > 1) w.tap_crossed = from.floats(rows * c.n_heads);
        return w;
    }
};

}  // namespace qslip
