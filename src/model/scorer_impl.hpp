#pragma once
#include <qslip/model.hpp>

#include <span>

#include "core/buffer.hpp"
#include "core/thread_team.hpp"
#include "model/batch_plan.hpp"
#include "model/kv_impl.hpp"
#include "model/model_impl.hpp"
#include "model/rope_table.hpp"
#include "model/work_area.hpp"

namespace qslip {

/// Rows first ... end - 1 of n that are a part's own.
struct row_share {
    std::size_t first, end;
    row_share(std::size_t n, unsigned part, unsigned n_parts)
        : first(n * part / n_parts), end(n * (part + 1) / n_parts) {}
    std::size_t size() const { return end - first; }
};

/// Names as in the paper. The residual stream is the caller's `out`. All parts of the team run the same
/// steps, each on its share of rows, panels or heads, and meet where one needs what another made.
struct scorer::impl {
    model owner;
    attention_tap* tap;
    rope_table rope;
    thread_team team;
    buffer memory = {}, layer_memory = {}, head_memory = {};
    work_area area{};
    /// Of a run beside a baseline, whose tile has just gone through the same layer: where to add
    /// KL(alpha_base || alpha), [n_layers, n_heads]. The baseline and this scorer have taps then.
    impl* base = nullptr;
    std::span<double> kl_sum_nats = {};

    struct tile_work {
        const batch_plan& plan;
        const row_tile& tile;
        std::span<const batch_item> batch;
        std::size_t layer;
        float* x;  // [tile.n_rows, d_model]
        unsigned part;
    };

    class tapped_run;

    const model_config& config() const { return owner.config(); }
    const kernels::table& ops() const { return *owner.internals().ops; }
    const model_weights& weights() const { return owner.internals().weights; }
    /// Whether a product with w takes codes. Its inputs are then a multiple of 32, as the file's blocks are.
    bool takes_codes(const kernels::packed_matrix& w) const {
        return owner.mode() != numerics::f32 && kernels::has_scales(w.kind);
    }
    row_share share(std::size_t n, unsigned part) const { return {n, part, team.size()}; }

    /// What comes before the layers; out [rows, d_model] becomes the residual stream.
    result<batch_plan> start(std::span<const batch_item> batch, std::span<float> out);
    /// On every part of the team alike.
    void add_layer(const tile_work& t);
    std::size_t n_tapped() const { return tap == nullptr ? 0 : base == nullptr ? 1 : 2; }
    status prepare(const batch_plan& plan);
    void embed(std::span<const batch_item> batch, float* x) const;
    kv_layer cache_of(const tile_work& t, std::size_t item);
    void norm(const float* x, const float* weight, row_share rows, float* out);
    void norm_and_encode(const float* x, const float* weight, row_share rows, bool codes);
    void encode(const float* rows, std::size_t n, row_share share, const kernels::quantized_rows& codes);
    kernels::matmul_rows input(const float* rows, const kernels::quantized_rows& codes, std::size_t m,
                               std::size_t n_in, unsigned part, float* scratch) const;
    void multiply(const tile_work& t, const float* rows, const kernels::quantized_rows& codes,
                  std::size_t n_in, std::span<const kernels::product> products, bool accumulate);
    void rotate_and_store(const tile_work& t);
    void attend(const tile_work& t);
    kernels::attention_taps taps_at(const tile_work& t, const segment& s, std::size_t row,
                                    std::size_t kv_head);
    void attend_segment(const tile_work& t, const segment& s, const kv_layer& cache);
    void record_tap(const tile_work& t);
    void record_kl(const tile_work& t);
    void add_attention(const tile_work& t);
    void add_ffn(const tile_work& t);
};

}  // namespace qslip
