#include <qslip/detail/core/quote.hpp>
#include <qslip/model.hpp>

#include <string>

#include "formats/gguf.hpp"

namespace qslip {
namespace {

/// Reads the `llama.*` keys, each within its range.
class hyperparameters {
public:
    explicit hyperparameters(const gguf_file& file) : file_(file) {}

    status read(const char* name, std::size_t low, std::size_t high, std::size_t& out) const {
        QSLIP_TRY(const std::uint64_t n, file_.get_uint(key(name)));
        if (n < low || n > high)
            return status(errc::arg, key(name) + " is " + std::to_string(n) + ", must be " +
                                         std::to_string(low) + " to " + std::to_string(high));
        out = static_cast<std::size_t>(n);
        return {};
    }
    status read_or(const char* name, std::size_t fallback, std::size_t high, std::size_t& out) const {
        out = fallback;
        return file_.has(key(name)) ? read(name, 1, high, out) : status{};
    }
    status read_real(const char* name, double low, double high, double& out) const {
        QSLIP_TRY(const double x, file_.get_f32(key(name)));
        if (!(x >= low && x <= high))
            return status(errc::arg, key(name) + " is " + std::to_string(x) + ", must be " +
                                         std::to_string(low) + " to " + std::to_string(high));
        out = x;
        return {};
    }
    static std::string key(const char* name) { return std::string("llama.") + name; }

private:
    const gguf_file& file_;
};

/// Keys that would change the computation; refused unless absent or neutral.
status check_extensions(const gguf_file& file) {
    for (const char* name : {"expert_count", "attention.sliding_window"})
        if (const auto n = file.get_uint(hyperparameters::key(name)); n && *n != 0)
            return status(errc::unsupported,
                          hyperparameters::key(name) + " = " + std::to_string(*n) + ": not supported");
    for (const char* name : {"logit_scale", "residual_scale", "embedding_scale", "attention.scale",
                             "attention.clamp_kqv", "attention.max_alibi_bias", "attn_logit_softcapping",
                             "final_logit_softcapping", "attention.value_residual_mix_lora_rank"})
        if (file.has(hyperparameters::key(name)))
            return status(errc::unsupported, hyperparameters::key(name) + ": not supported");
    return {};
}

status check_rope_scaling(const gguf_file& file) {
    if (const auto type = file.get_string("llama.rope.scaling.type");
        type && *type != "none" && *type != "linear")
        return status(errc::unsupported, "llama.rope.scaling.type is " + quoted(*type) + ": not supported");
    for (const char* name : {"rope.scaling.factor", "rope.scale_linear"})
        if (const auto factor = file.get_f32(hyperparameters::key(name)); factor && *factor != 1.0)
            return status(errc::unsupported, hyperparameters::key(name) + " = " + std::to_string(*factor) +
                                                 ": scaled rotary embeddings are not supported");
    return {};
}

status check_shape(const model_config& c, std::size_t n_rotated, std::size_t n_key, std::size_t n_value) {
    if (c.n_heads % c.n_kv_heads != 0)
        return status(errc::shape, std::to_string(c.n_heads) + " heads do not share " +
                                       std::to_string(c.n_kv_heads) + " KV heads evenly");
    if (n_key != n_value || n_rotated != n_key)
        return status(errc::unsupported, "head sizes differ: keys " + std::to_string(n_key) + ", values " +
                                             std::to_string(n_value) + ", rotated " +
                                             std::to_string(n_rotated));
    if (c.head_dim % 32 != 0)
        return status(errc::unsupported,
                      "head size " + std::to_string(c.head_dim) + ": must be a multiple of 32");
    return {};
}

status read_sizes(const gguf_file& file, model_config& c) {
    const hyperparameters keys(file);
    constexpr std::size_t max_width = 1u << 20;
    QSLIP_CHECK(keys.read("block_count", 1, 1u << 12, c.n_layers));
    QSLIP_CHECK(keys.read("embedding_length", 1, max_width, c.d_model));
    QSLIP_CHECK(keys.read("feed_forward_length", 1, max_width, c.d_ff));
    QSLIP_CHECK(keys.read("context_length", 1, 1u << 24, c.context_length));
    QSLIP_CHECK(keys.read("attention.head_count", 1, 1u << 12, c.n_heads));
    QSLIP_CHECK(keys.read_or("attention.head_count_kv", c.n_heads, 1u << 12, c.n_kv_heads));
    std::size_t n_key = 0, n_value = 0, n_rotated = 0;
    QSLIP_CHECK(keys.read_or("attention.key_length", c.d_model / c.n_heads, 1u << 12, n_key));
    QSLIP_CHECK(keys.read_or("attention.value_length", c.d_model / c.n_heads, 1u << 12, n_value));
    QSLIP_CHECK(keys.read_or("rope.dimension_count", n_key, 1u << 12, n_rotated));
    c.head_dim = n_key;
    if (c.head_dim == 0) return status(errc::shape, "more heads than embedding_length");
    return check_shape(c, n_rotated, n_key, n_value);
}

}  // namespace

result<model_config> read_model_config(const gguf_file& file) {
    model_config c;
    QSLIP_TRY(const std::string_view architecture, file.get_string("general.architecture"));
    c.architecture = architecture;
    if (c.architecture != "llama")
        return status(errc::unsupported, file.file().path() + ": architecture " + quoted(architecture) +
                                             " is not supported; supported: llama. Feed its logits instead");
    QSLIP_CHECK(read_sizes(file, c));
    const hyperparameters keys(file);
    double eps = 0;
    QSLIP_CHECK(keys.read_real("attention.layer_norm_rms_epsilon", 1e-12, 1.0, eps));
    c.rms_eps = static_cast<float>(eps);
    c.rope_base = 10000.0;
    if (file.has("llama.rope.freq_base"))
        QSLIP_CHECK(keys.read_real("rope.freq_base", 1.0, 1e9, c.rope_base));
    QSLIP_CHECK(check_extensions(file));
    QSLIP_CHECK(check_rope_scaling(file));
    const tensor_info* embedding = file.find_tensor("token_embd.weight");
    if (embedding == nullptr) return status(errc::not_found, file.file().path() + ": no token_embd.weight");
    if (embedding->n_rows() > (1u << 24))
        return status(errc::limit, "token_embd.weight has " + std::to_string(embedding->n_rows()) + " rows");
    c.n_vocab = static_cast<std::size_t>(embedding->n_rows());
    c.tied_head = file.find_tensor("output.weight") == nullptr;
    return c;
}

}  // namespace qslip
