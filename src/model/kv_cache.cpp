#include <qslip/model.hpp>

#include <algorithm>
#include <string>

#include "model/kv_impl.hpp"

namespace qslip {

kv_cache::kv_cache(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
kv_cache::kv_cache(kv_cache&&) noexcept = default;
kv_cache& kv_cache::operator=(kv_cache&&) noexcept = default;
kv_cache::~kv_cache() = default;

std::uint64_t kv_cache::bytes_for(const model_config& c, std::size_t max_tokens) noexcept {
    return std::uint64_t{c.n_layers} * kv_layer::floats(c, whole_tiles(max_tokens)) * sizeof(float);
}

result<kv_cache> kv_cache::create(const model& m, std::size_t max_tokens) {
    const model_config& c = m.config();
    if (max_tokens == 0 || max_tokens > c.context_length)
        return status(errc::arg, "a cache of " + std::to_string(max_tokens) +
                                     " tokens; the model's context is " + std::to_string(c.context_length));
    auto state = std::make_unique<impl>(impl{c, whole_tiles(max_tokens), max_tokens, 0, {}});
    const std::uint64_t size_bytes = bytes_for(c, max_tokens);
    if (!state->memory.allocate(static_cast<std::size_t>(size_bytes)))
        return status(errc::no_memory,
                      "no memory for " + std::to_string(size_bytes) + " bytes of keys and values");
    return kv_cache(std::move(state));
}

std::size_t kv_cache::n_past() const noexcept { return impl_->n_past; }
std::size_t kv_cache::capacity() const noexcept { return impl_->max_tokens; }

status kv_cache::truncate(std::size_t n_past) {
    if (n_past > impl_->n_past)
        return status(errc::arg, "the cache holds " + std::to_string(impl_->n_past) + " tokens, not " +
                                     std::to_string(n_past));
    impl_->n_past = n_past;
    return {};
}

status kv_cache::copy_prefix(const kv_cache& other, std::size_t n_past) {
    impl& to = *impl_;
    impl& from = *other.impl_;
    if (n_past > from.n_past || n_past > to.max_tokens)
        return status(errc::arg, "cannot copy " + std::to_string(n_past) + " of " +
                                     std::to_string(from.n_past) + " tokens into a cache for " +
                                     std::to_string(to.max_tokens));
    if (!same_shape(to.config, from.config))
        return status(errc::shape, "the caches belong to models of different shape");
    const std::size_t dim = to.config.head_dim, n_copied = dim * whole_tiles(n_past);
    for (std::size_t index = 0; index < to.config.n_layers; ++index) {
        const kv_layer a = from.layer(index), b = to.layer(index);
        for (std::size_t head = 0; head < to.config.n_kv_heads; ++head) {
            std::copy_n(a.keys + head * a.head_stride, n_copied, b.keys + head * b.head_stride);
            std::copy_n(a.values + head * a.head_stride, dim * n_past, b.values + head * b.head_stride);
        }
    }
    to.n_past = n_past;
    return {};
}

}  // namespace qslip
