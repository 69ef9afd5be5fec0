#pragma once
#include <qslip/core/limits.hpp>
#include <qslip/core/result.hpp>

#include <cstddef>
#include <string>

namespace qslip {

class gguf_file;

/// Hyperparameters of a llama-architecture model, checked against each other once.
struct model_config {
    std::string architecture;
    std::size_t n_layers = 0;
    std::size_t d_model = 0;
    std::size_t n_heads = 0;
    std::size_t n_kv_heads = 0;  ///< divides n_heads
    std::size_t head_dim = 0;    ///< a multiple of 32
    std::size_t d_ff = 0;
    std::size_t n_vocab = 0;  ///< rows of the token embedding
    std::size_t context_length = 0;
    float rms_eps = 0;
    double rope_base = 0;
    bool tied_head = false;  ///< the head is the token embedding
};

/// Reads and checks the hyperparameters.
/// Errors: unsupported (architecture, RoPE scaling, biases), not_found, type, shape, limit.
result<model_config> read_model_config(const gguf_file& file);

}  // namespace qslip
