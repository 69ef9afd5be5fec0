#include <qslip/model/forward.hpp>

#include <qslip/core/math.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/pack.hpp"
#include "model/batch_plan.hpp"
#include "model/buffer.hpp"
#include "model/kv_impl.hpp"
#include "model/model_impl.hpp"
#include "model/rope_table.hpp"

namespace qslip {
namespace {

/// Activations of one tile, [max_rows, ...] each, and what the kernels need.
struct work_area {
    float *normed, *q, *k, *v, *attended, *gate, *up, *products, *attention;
    float *tap_sums, *tap_weighted;  // null without tap
};

/// Hands out 64-byte aligned pieces; without memory it only measures.
class carver {
public:
    explicit carver(float* base) : base_(base) {}
    float* take(std::size_t n) {
        float* p = base_ == nullptr ? nullptr : base_ + used_;
        used_ += (n + 15) / 16 * 16;
        return p;
    }
    std::size_t used() const { return used_; }

private:
    float* base_;
    std::size_t used_ = 0;
};

work_area carve(carver& from, const model_config& c, const batch_plan& plan, bool tapped) {
    const std::size_t rows = plan.max_rows, q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
    const std::size_t widest = std::max({c.d_model, c.d_ff, q});
    work_area w{};
    w.normed = from.take(rows * c.d_model);
    w.q = from.take(rows * q);
    w.k = from.take(rows * kv);
    w.v = from.take(rows * kv);
    w.attended = from.take(rows * q);
    w.gate = from.take(rows * c.d_ff);
    w.up = from.take(rows * c.d_ff);
    w.products = from.take(kernels::matmul_scratch_floats(rows, widest));
    w.attention = from.take(kernels::attention_scratch_floats(c.head_dim, plan.max_positions));
    if (!tapped) return w;
    w.tap_sums = from.take(rows * c.n_heads);
    w.tap_weighted = from.take(rows * c.n_heads);
    return w;
}

}  // namespace

/// Names as in the paper. The residual stream is the caller's `out`.
struct scorer::impl {
    model owner;
    attention_tap* tap;
    rope_table rope;
    buffer memory, layer_memory, head_memory;
    work_area area{};

    const model_config& config() const { return owner.config(); }
    const kernels::table& ops() const { return *owner.internals().ops; }
    const model_weights& weights() const { return owner.internals().weights; }

    status prepare(const batch_plan& plan);
    void embed(std::span<const batch_item> batch, float* x) const;
    kv_layer cache_of(const batch_plan& plan, const batch_item& item, std::size_t index, std::size_t layer);
    void multiply(const float* a, std::size_t m, std::size_t n_in, std::span<const kernels::product> products,
                  bool accumulate);
    void norm(const float* x, const float* weight, std::size_t n_rows, float* out);
    void attend(const batch_plan& plan, const row_tile& tile, std::span<const batch_item> batch,
                std::size_t layer);
    void add_attention(const batch_plan& plan, const row_tile& tile, std::span<const batch_item> batch,
                       std::size_t layer, float* x);
    void add_ffn(const row_tile& tile, const layer_weights& w, float* x);
    void record_tap(const segment& s, std::size_t layer);
};

status scorer::impl::prepare(const batch_plan& plan) {
    carver measure(nullptr);
    carve(measure, config(), plan, tap != nullptr);
    const std::size_t work_bytes = measure.used() * sizeof(float);
    if (work_bytes > memory.size_bytes() && !memory.allocate(work_bytes))
        return status(errc::no_memory,
                      "no memory for " + std::to_string(work_bytes) + " bytes of activations");
    carver real(memory.floats());
    area = carve(real, config(), plan, tap != nullptr);
    const std::size_t kv_bytes = kv_layer::floats(config(), plan.scratch_tokens) * sizeof(float);
    if (kv_bytes > layer_memory.size_bytes() && !layer_memory.allocate(kv_bytes))
        return status(errc::no_memory,
                      "no memory for " + std::to_string(kv_bytes) + " bytes of keys and values");
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

kv_layer scorer::impl::cache_of(const batch_plan& plan, const batch_item& item, std::size_t index,
                                std::size_t layer) {
    if (item.cache != nullptr) return item.cache->internals().layer(layer);
    const std::size_t start = kv_layer::floats(config(), plan.scratch_start[index]);
    return kv_layer::at(config(), layer_memory.floats() + start, whole_tiles(item.tokens.size()));
}

void scorer::impl::multiply(const float* a, std::size_t m, std::size_t n_in,
                            std::span<const kernels::product> products, bool accumulate) {
    ops().matmul({a, n_in, m, n_in, products.data(), products.size(), accumulate, area.products});
}

void scorer::impl::norm(const float* x, const float* weight, std::size_t n_rows, float* out) {
    const std::size_t d = config().d_model;
    ops().rmsnorm({x, d, weight, d, config().rms_eps, out, d, n_rows});
}

void scorer::impl::record_tap(const segment& s, std::size_t layer) {
    const std::size_t n_heads = config().n_heads;
    for (std::size_t i = 0; i < s.n * n_heads; ++i) {
        // H = ln(sum e^x) - sum(x e^x) / sum e^x
        const double sum = area.tap_sums[i], weighted = area.tap_weighted[i];
        tap->entropy_sum_nats[layer * n_heads + i % n_heads] += math::log(sum) - weighted / sum;
    }
}

void scorer::impl::attend(const batch_plan& plan, const row_tile& tile, std::span<const batch_item> batch,
                          std::size_t layer) {
    const model_config& c = config();
    const std::size_t q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
    const float scale = 1.0f / std::sqrt(static_cast<float>(c.head_dim));
    for (const segment& s : tile.segments) {
        const kv_layer cache = cache_of(plan, batch[s.item], s.item, layer);
        for (std::size_t i = 0; i < s.n; ++i) {
            const std::size_t row = s.row + i, position = s.first_position + i;
            ops().rope(area.q + row * q, c.n_heads, c.head_dim / 2, rope.cosine(position),
                       rope.sine(position));
            ops().rope(area.k + row * kv, c.n_kv_heads, c.head_dim / 2, rope.cosine(position),
                       rope.sine(position));
            cache.put(c, position, area.k + row * kv, area.v + row * kv);
        }
        ops().attention({area.q + s.row * q, q, cache.keys, cache.values, cache.head_stride, s.first_position,
                         s.n, c.n_heads, c.n_kv_heads, c.head_dim, scale, area.attended + s.row * q, q,
                         area.tap_sums, area.tap_weighted, area.attention});
        if (tap != nullptr) record_tap(s, layer);
    }
}

void scorer::impl::add_attention(const batch_plan& plan, const row_tile& tile,
                                 std::span<const batch_item> batch, std::size_t layer, float* x) {
    const model_config& c = config();
    const layer_weights& w = weights().layers[layer];
    const std::size_t q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
    norm(x, w.attn_norm, tile.n_rows, area.normed);
    const kernels::product qkv[] = {{&w.wq, area.q, q}, {&w.wk, area.k, kv}, {&w.wv, area.v, kv}};
    multiply(area.normed, tile.n_rows, c.d_model, qkv, false);
    attend(plan, tile, batch, layer);
    const kernels::product o[] = {{&w.wo, x, c.d_model}};
    multiply(area.attended, tile.n_rows, q, o, true);
}

void scorer::impl::add_ffn(const row_tile& tile, const layer_weights& w, float* x) {
    const model_config& c = config();
    norm(x, w.ffn_norm, tile.n_rows, area.normed);
    const kernels::product in[] = {{&w.gate, area.gate, c.d_ff}, {&w.up, area.up, c.d_ff}};
    multiply(area.normed, tile.n_rows, c.d_model, in, false);
    ops().swiglu(area.gate, area.up, tile.n_rows * c.d_ff, area.gate);
    const kernels::product out[] = {{&w.down, x, c.d_model}};
    multiply(area.gate, tile.n_rows, c.d_ff, out, true);
}

scorer::scorer(const model& m, attention_tap* tap)
    : impl_(new impl{m, tap, {m.config().rope_base, m.config().head_dim}, {}, {}, {}}) {
    if (tap != nullptr) tap->entropy_sum_nats.resize(m.config().n_layers * m.config().n_heads);
}
scorer::scorer(scorer&&) noexcept = default;
scorer& scorer::operator=(scorer&&) noexcept = default;
scorer::~scorer() = default;
const model& scorer::owner() const noexcept { return impl_->owner; }

status scorer::hidden(std::span<const batch_item> batch, std::span<float> out) {
    if (!impl_->owner.is_loaded()) return status(errc::arg, "the model is not loaded");
    const model_config& c = impl_->config();
    QSLIP_TRY(const batch_plan plan, plan_batch(c, batch, out.size()));
    if (plan.n_rows == 0) return {};
    QSLIP_CHECK(impl_->prepare(plan));
    impl_->embed(batch, out.data());
    for (std::size_t layer = 0; layer < c.n_layers; ++layer)
        for (const row_tile& tile : plan.tiles) {
            float* x = out.data() + tile.first_row * c.d_model;
            impl_->add_attention(plan, tile, batch, layer, x);
            impl_->add_ffn(tile, impl_->weights().layers[layer], x);
        }
    impl_->norm(out.data(), impl_->weights().output_norm, plan.n_rows, out.data());
    for (const batch_item& item : batch)
        if (item.cache != nullptr) item.cache->internals().n_past += item.tokens.size();
    if (impl_->tap != nullptr) impl_->tap->n_positions += plan.n_rows;
    return {};
}

status scorer::logits(std::span<const float> hidden_rows, std::span<float> out) {
    if (!impl_->owner.is_loaded()) return status(errc::arg, "the model is not loaded");
    const model_config& c = impl_->config();
    const std::size_t n_rows = hidden_rows.size() / c.d_model;
    if (hidden_rows.size() % c.d_model != 0 || out.size() != n_rows * c.n_vocab)
        return status(errc::shape, "hidden states of " + std::to_string(hidden_rows.size()) +
                                       " numbers and room for " + std::to_string(out.size()) +
                                       " logits do not fit together");
    constexpr std::size_t max_rows = 264;
    const std::size_t scratch_bytes =
        sizeof(float) * kernels::matmul_scratch_floats(std::min(n_rows, max_rows), c.d_model);
    if (scratch_bytes > impl_->head_memory.size_bytes() && !impl_->head_memory.allocate(scratch_bytes))
        return status(errc::no_memory,
                      "no memory for " + std::to_string(scratch_bytes) + " bytes of scratch");
    for (std::size_t row = 0; row < n_rows; row += max_rows) {
        const kernels::product head{&impl_->weights().head, out.data() + row * c.n_vocab, c.n_vocab};
        impl_->ops().matmul({hidden_rows.data() + row * c.d_model, c.d_model,
                             std::min(max_rows, n_rows - row), c.d_model, &head, 1, false,
                             impl_->head_memory.floats()});
    }
    return {};
}

std::int32_t argmax(std::span<const float> logits) noexcept {
    std::size_t best = 0;
    for (std::size_t i = 1; i < logits.size(); ++i)
        if (logits[i] > logits[best]) best = i;
    return static_cast<std::int32_t>(best);
}

}  // namespace qslip
