#pragma once
#include <qslip/model.hpp>

#include <gsl/assert>

#include "core/buffer.hpp"
#include "kernels/kernel_table.hpp"

namespace qslip {

/// Keys and values of one layer for a number of tokens, in the layout of kernels::attention_args.
struct kv_layer {
    float* keys;
    float* values;
    std::size_t head_stride;

    /// Floats of keys and values of `n_tokens` (a multiple of key_tile).
    static std::size_t floats(const model_config& c, std::size_t n_tokens) {
        return 2 * c.n_kv_heads * c.head_dim * n_tokens;
    }
    static kv_layer at(const model_config& c, float* base, std::size_t n_tokens) {
        return {base, base + c.n_kv_heads * c.head_dim * n_tokens, c.head_dim * n_tokens};
    }
    /// Stores one token's rows, each [n_kv_heads * head_dim].
    void put(const model_config& c, std::size_t position, const float* k, const float* v) const {
        const std::size_t dim = c.head_dim, tile = position / kernels::key_tile,
                          i = position % kernels::key_tile;
        for (std::size_t head = 0; head < c.n_kv_heads; ++head) {
            float* key = keys + head * head_stride + tile * dim * kernels::key_tile + i;
            float* value = values + head * head_stride + position * dim;
            for (std::size_t d = 0; d < dim; ++d) {
                key[d * kernels::key_tile] = k[head * dim + d];
                value[d] = v[head * dim + d];
            }
        }
    }
};

constexpr std::size_t whole_tiles(std::size_t n_tokens) {
    return (n_tokens + kernels::key_tile - 1) / kernels::key_tile * kernels::key_tile;
}

/// Whether keys and values of one model have their place in a cache of the other.
inline bool same_shape(const model_config& a, const model_config& b) {
    return a.n_layers == b.n_layers && a.n_kv_heads == b.n_kv_heads && a.head_dim == b.head_dim;
}

struct kv_cache::impl {
    model_config config;
    std::size_t capacity;  // a multiple of key_tile
    std::size_t max_tokens;
    std::size_t n_past = 0;
    buffer memory;

    kv_layer layer(std::size_t index) {
        Expects(index < config.n_layers);
        return kv_layer::at(config, memory.floats() + index * kv_layer::floats(config, capacity), capacity);
    }
};

}  // namespace qslip
