#pragma once
// The packed weights of a llama-architecture model. Names as in the paper; [out, in].
#include <qslip/model.hpp>

#include <cstdint>
#include <vector>

#include "core/buffer.hpp"
#include "formats/gguf.hpp"
#include "kernels/packed.hpp"

namespace qslip {

struct layer_weights {
    const float* attn_norm = nullptr;  // [d_model]
    kernels::packed_matrix wq;         // [n_heads * head_dim, d_model], pairs (i, i + head_dim / 2) rotate
    kernels::packed_matrix wk;         // [n_kv_heads * head_dim, d_model], likewise
    kernels::packed_matrix wv;         // [n_kv_heads * head_dim, d_model]
    kernels::packed_matrix wo;         // [d_model, n_heads * head_dim]
    const float* ffn_norm = nullptr;   // [d_model]
    kernels::packed_matrix gate, up;   // [d_ff, d_model]
    kernels::packed_matrix down;       // [d_model, d_ff]
};

struct model_weights {
    kernels::packed_matrix embedding;  // [n_vocab, d_model]
    std::vector<layer_weights> layers;
    const float* output_norm = nullptr;  // [d_model]
    kernels::packed_matrix head;         // [n_vocab, d_model]; the embedding's panels when tied
    buffer ends_memory, layers_memory;   // what the above point into; empty: not loaded
};

struct weight_sizes {
    std::uint64_t ends_bytes = 0, layers_bytes = 0;
};

/// Checks names, types and shapes of all tensors; what they take once packed.
/// Errors: not_found, shape, unsupported (a tensor this architecture has no use for), limit.
result<weight_sizes> plan_weights(const gguf_file& file, const model_config& config);

/// Reads, checks and packs the tensors of a part that `w` does not hold yet.
/// Errors: those of plan_weights, io, changed, nonfinite, no_memory; what was there before stays.
status load_weights(const gguf_file& file, const model_config& config, model_part part, unsigned n_threads,
                    model_weights& w);

}  // namespace qslip
