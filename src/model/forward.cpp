#include <qslip/detail/core/math.hpp>
#include <qslip/model.hpp>

#include <gsl/assert>

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/pack.hpp"
#include "model/scorer_impl.hpp"

namespace qslip {
namespace {

constexpr std::size_t query_rows = 32;  // attention is shared out by so many queries and a KV head

/// At least size_bytes, the contents lost when it has to grow.
status grow(buffer& memory, std::size_t size_bytes, const char* what) {
    if (size_bytes <= memory.size_bytes() || memory.allocate(size_bytes)) return {};
    return {errc::no_memory, "no memory for " + std::to_string(size_bytes) + " bytes of " + what};
}

/// Of one row of attention: ln(sum e^x) - sum(x e^x) / sum e^x.
double entropy_nats(const work_area& area, std::size_t i) {
    const double sum = area.tap_sums[i], weighted = area.tap_weighted[i];
    return math::log(sum) - weighted / sum;
}

kernels::quantized_rows rows_from(const kernels::quantized_rows& rows, std::size_t row, std::size_t n) {
    const std::size_t blocks = row * kernels::n_blocks(n);
    return {rows.codes + row * kernels::code_row_bytes(n), rows.scales + blocks, rows.sums + 2 * blocks,
            rows.scaled_sums + blocks};
}

}  // namespace

status scorer::impl::prepare(const batch_plan& plan) {
    const bool codes = owner.mode() != numerics::f32;
    carver measure(nullptr);
    work_area::carve(measure, config(), plan, team.size(), codes, n_tapped());
    QSLIP_CHECK(grow(memory, measure.used() * sizeof(float), "activations"));
    carver real(memory.floats());
    area = work_area::carve(real, config(), plan, team.size(), codes, n_tapped());
    Ensures(real.used() == measure.used());
    QSLIP_CHECK(grow(layer_memory, kv_layer::floats(config(), plan.scratch_tokens) * sizeof(float),
                     "keys and values"));
    rope.grow(plan.max_positions);
    return {};
}

void scorer::impl::embed(std::span<const batch_item> batch, float* x) const {
    for (const batch_item& item : batch)
        for (const std::int32_t id : item.tokens) {
            kernels::unpack_column(weights().embedding, static_cast<std::size_t>(id), x);
            x += config().d_model;
        }
}

kv_layer scorer::impl::cache_of(const tile_work& t, std::size_t item) {
    const batch_item& of = t.batch[item];
    if (of.cache != nullptr) return of.cache->internals().layer(t.layer);
    const std::size_t start = kv_layer::floats(config(), t.plan.scratch_start[item]);
    return kv_layer::at(config(), layer_memory.floats() + start, whole_tiles(of.tokens.size()));
}

void scorer::impl::norm(const float* x, const float* weight, row_share rows, float* out) {
    const std::size_t d = config().d_model;
    ops().rmsnorm({x + rows.first * d, d, weight, d, config().rms_eps, out + rows.first * d, d, rows.size()});
}

/// Rows of n floats as the codes of the mode.
void scorer::impl::encode(const float* rows, std::size_t n, row_share share,
                          const kernels::quantized_rows& codes) {
    ops().quantize_rows(
        {rows + share.first * n, n, share.size(), n, owner.mode(), rows_from(codes, share.first, n)});
}

/// The input of a block's products. Few rows at a time, so that they are encoded while in the L1 cache.
void scorer::impl::norm_and_encode(const float* x, const float* weight, row_share rows, bool codes) {
    constexpr std::size_t step = 8;
    const std::size_t end = rows.end;
    for (; rows.first < end; rows.first = rows.end) {
        rows.end = std::min(end, rows.first + step);
        norm(x, weight, rows, area.normed);
        if (codes) encode(area.normed, config().d_model, rows, area.input_codes);
    }
    team.sync();
}

kernels::matmul_rows scorer::impl::input(const float* rows, const kernels::quantized_rows& codes,
                                         std::size_t m, std::size_t n_in, unsigned part,
                                         float* scratch) const {
    return {rows, n_in, m, n_in, owner.mode(), codes, scratch, part, team.size()};
}

void scorer::impl::multiply(const tile_work& t, const float* rows, const kernels::quantized_rows& codes,
                            std::size_t n_in, std::span<const kernels::product> products, bool accumulate) {
    float* scratch = area.products + t.part * area.products_step;
    ops().matmul({input(rows, codes, t.tile.n_rows, n_in, t.part, scratch), products.data(), products.size(),
                  accumulate});
    team.sync();
}

void scorer::impl::rotate_and_store(const tile_work& t) {
    const model_config& c = config();
    const std::size_t q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
    const row_share own = share(t.tile.n_rows, t.part);
    for (const segment& s : t.tile.segments) {
        const kv_layer cache = cache_of(t, s.item);
        for (std::size_t row = std::max(s.row, own.first); row < std::min(s.row + s.n, own.end); ++row) {
            const std::size_t position = s.first_position + row - s.row;
            const float *cosine = rope.cosine(position), *sine = rope.sine(position);
            ops().rope(area.q + row * q, c.n_heads, c.head_dim / 2, cosine, sine);
            ops().rope(area.k + row * kv, c.n_kv_heads, c.head_dim / 2, cosine, sine);
            cache.put(c, position, area.k + row * kv, area.v + row * kv);
        }
    }
    team.sync();
}

/// Of a row of the tile, the heads of one group.
kernels::attention_taps scorer::impl::taps_at(const tile_work& t, const segment& s, std::size_t row,
                                              std::size_t kv_head) {
    if (tap == nullptr) return {};
    const model_config& c = config();
    const std::size_t head = kv_head * (c.n_heads / c.n_kv_heads), at = row * c.n_heads + head;
    kernels::attention_taps taps{
        area.tap_sums + at, area.tap_weighted + at, area.tap_sink + at, c.n_heads, nullptr, nullptr, nullptr};
    if (base == nullptr) return taps;
    const kv_layer cache = base->cache_of(t, s.item);
    taps.crossed = area.tap_crossed + at;
    taps.base_q = base->area.q + at * c.head_dim;
    taps.base_keys = cache.keys + kv_head * cache.head_stride;
    return taps;
}

/// Queries in pieces of 32, piece and KV head by KV head, dealt out to the parts.
void scorer::impl::attend_segment(const tile_work& t, const segment& s, const kv_layer& cache) {
    const model_config& c = config();
    const std::size_t q = c.n_heads * c.head_dim, group = c.n_heads / c.n_kv_heads;
    const float scale = 1.0f / std::sqrt(static_cast<float>(c.head_dim));
    constexpr std::size_t no_window = 0;  // the architecture has none
    std::size_t turn = 0;
    for (std::size_t first = 0; first < s.n; first += query_rows)
        for (std::size_t kv_head = 0; kv_head < c.n_kv_heads; ++kv_head, ++turn) {
            if (turn % team.size() != t.part) continue;
            const std::size_t row = s.row + first, at = row * q + kv_head * group * c.head_dim;
            ops().attention({area.q + at, q, cache.keys + kv_head * cache.head_stride,
                             cache.values + kv_head * cache.head_stride, cache.head_stride,
                             s.first_position + first, std::min(query_rows, s.n - first), group, 1,
                             c.head_dim, scale, no_window, area.attended + at, q, taps_at(t, s, row, kv_head),
                             area.attention + t.part * area.attention_step});
        }
}

void scorer::impl::attend(const tile_work& t) {
    for (const segment& s : t.tile.segments) attend_segment(t, s, cache_of(t, s.item));
    team.sync();
    if (t.part != 0) return;
    if (tap != nullptr) record_tap(t);
    if (base != nullptr) record_kl(t);
}

void scorer::impl::record_tap(const tile_work& t) {
    const std::size_t n_heads = config().n_heads;
    for (std::size_t i = 0; i < t.tile.n_rows * n_heads; ++i) {
        const std::size_t head = t.layer * n_heads + i % n_heads;
        tap->entropy_sum_nats[head] += entropy_nats(area, i);
        tap->sink_mass_sum[head] += double{area.tap_sink[i]} / area.tap_sums[i];
    }
}

/// The cross entropy less the baseline's entropy. Equal rows have equal sums, hence 0; where rounding of rows
/// that are nearly equal leads below it, 0 is taken.
void scorer::impl::record_kl(const tile_work& t) {
    const std::size_t n_heads = config().n_heads;
    for (std::size_t i = 0; i < t.tile.n_rows * n_heads; ++i) {
        const double sum = area.tap_sums[i], crossed = area.tap_crossed[i];
        const double cross_entropy_nats = math::log(sum) - crossed / base->area.tap_sums[i];
        const double kl_nats = cross_entropy_nats - entropy_nats(base->area, i);
        kl_sum_nats[t.layer * n_heads + i % n_heads] += kl_nats < 0 ? 0 : kl_nats;  // NaN stays
    }
}

void scorer::impl::add_attention(const tile_work& t) {
    const model_config& c = config();
    const layer_weights& w = weights().layers[t.layer];
    const std::size_t q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
    const row_share own = share(t.tile.n_rows, t.part);
    norm_and_encode(t.x, w.attn_norm, own, takes_codes(w.wq) || takes_codes(w.wk) || takes_codes(w.wv));
    const kernels::product qkv[] = {{&w.wq, area.q, q}, {&w.wk, area.k, kv}, {&w.wv, area.v, kv}};
    multiply(t, area.normed, area.input_codes, c.d_model, qkv, false);
    rotate_and_store(t);
    attend(t);
    if (takes_codes(w.wo)) encode(area.attended, q, own, area.input_codes);
    team.sync();
    const kernels::product o[] = {{&w.wo, t.x, c.d_model}};
    multiply(t, area.attended, area.input_codes, q, o, true);
}

void scorer::impl::add_ffn(const tile_work& t) {
    const model_config& c = config();
    const layer_weights& w = weights().layers[t.layer];
    norm_and_encode(t.x, w.ffn_norm, share(t.tile.n_rows, t.part), takes_codes(w.gate) || takes_codes(w.up));
    const bool codes = takes_codes(w.down);
    float* scratch = area.products + t.part * area.products_step;
    ops().gated_matmul({input(area.normed, area.input_codes, t.tile.n_rows, c.d_model, t.part, scratch),
                        &w.gate, &w.up, codes ? nullptr : area.gated, c.d_ff,
                        codes ? &area.gated_codes : nullptr});
    team.sync();
    const kernels::product out[] = {{&w.down, t.x, c.d_model}};
    multiply(t, area.gated, area.gated_codes, c.d_ff, out, true);
}

void scorer::impl::add_layer(const tile_work& t) {
    add_attention(t);
    add_ffn(t);
}

result<batch_plan> scorer::impl::start(std::span<const batch_item> batch, std::span<float> out) {
    if (!owner.is_loaded()) return status(errc::arg, "the model is not loaded");
    QSLIP_TRY(batch_plan plan, plan_batch(config(), batch, out.size()));
    if (plan.n_rows == 0) return plan;
    QSLIP_CHECK(prepare(plan));
    embed(batch, out.data());
    return plan;
}

scorer::scorer(const model& m, attention_tap* tap, unsigned n_threads)
    : impl_(new impl{m, tap, {m.config().rope_base, m.config().head_dim}, thread_team(n_threads)}) {
    if (tap != nullptr) tap->resize(m.config());
}
scorer::scorer(scorer&&) noexcept = default;
scorer& scorer::operator=(scorer&&) noexcept = default;
scorer::~scorer() = default;
const model& scorer::owner() const noexcept { return impl_->owner; }

status scorer::hidden(std::span<const batch_item> batch, std::span<float> out) {
    const model_config& c = impl_->config();
    QSLIP_TRY(const batch_plan plan, impl_->start(batch, out));
    if (plan.n_rows == 0) return {};
    impl_->team.run([&](unsigned part) {
        for (std::size_t layer = 0; layer < c.n_layers; ++layer)
            for (const row_tile& tile : plan.tiles)
                impl_->add_layer({plan, tile, batch, layer, out.data() + tile.first_row * c.d_model, part});
        impl_->norm(out.data(), impl_->weights().output_norm, impl_->share(plan.n_rows, part), out.data());
    });
    for (const batch_item& item : batch)
        if (item.cache != nullptr) item.cache->internals().n_past += item.tokens.size();
    if (impl_->tap != nullptr) impl_->tap->n_positions += plan.n_rows;
    return {};
}

status scorer::logits(std::span<const float> hidden_rows, std::span<float> out) {
    if (!impl_->owner.is_loaded(model_part::head)) return status(errc::arg, "the model is not loaded");
    const model_config& c = impl_->config();
    const std::size_t n_rows = hidden_rows.size() / c.d_model;
    if (hidden_rows.size() % c.d_model != 0 || out.size() != n_rows * c.n_vocab)
        return status(errc::shape, "hidden states of " + std::to_string(hidden_rows.size()) +
                                       " numbers and room for " + std::to_string(out.size()) +
                                       " logits do not fit together");
    const std::size_t most = std::min(n_rows, max_tile_rows), n_parts = impl_->team.size();
    const std::size_t step = (kernels::matmul_scratch_floats(most, c.d_model) + 15) / 16 * 16;
    carver measure(nullptr);
    measure.codes(most, c.d_model);
    QSLIP_CHECK(grow(impl_->head_memory, sizeof(float) * (step * n_parts + measure.used()), "scratch"));
    carver memory(impl_->head_memory.floats());
    float* scratch = memory.floats(step * n_parts);
    const kernels::quantized_rows codes = memory.codes(most, c.d_model);
    impl_->team.run([&](unsigned part) {
        for (std::size_t row = 0; row < n_rows; row += max_tile_rows) {
            const std::size_t m = std::min(max_tile_rows, n_rows - row);
            const float* rows = hidden_rows.data() + row * c.d_model;
            if (impl_->takes_codes(impl_->weights().head))
                impl_->encode(rows, c.d_model, impl_->share(m, part), codes);
            impl_->team.sync();
            const kernels::product head{&impl_->weights().head, out.data() + row * c.n_vocab, c.n_vocab};
            impl_->ops().matmul(
                {impl_->input(rows, codes, m, c.d_model, part, scratch + part * step), &head, 1, false});
            impl_->team.sync();
        }
    });
    return {};
}

std::int32_t argmax(std::span<const float> logits) noexcept {
    std::size_t best = 0;
    for (std::size_t i = 1; i < logits.size(); ++i)
        if (logits[i] > logits[best]) best = i;
    return static_cast<std::int32_t>(best);
}

}  // namespace qslip
