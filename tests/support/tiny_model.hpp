#pragma once
// A small llama-architecture GGUF with random weights and a byte-level vocabulary, for tests.
#include <qslip/detail/core/rng.hpp>
#include <qslip/model.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/gguf_writer.hpp"
#include "kernels/block_codec.hpp"
#include "support/temp_folder.hpp"

namespace qslip::test {

struct tiny_model_options {
    dtype type = dtype::f32;  ///< of the matrices, round to nearest from the same float weights
    std::uint64_t seed = 1;
    std::uint64_t n_layers = 2, d_model = 128, n_heads = 6, n_kv_heads = 2, head_dim = 32, d_ff = 160;
    std::uint64_t context_length = 512;
    bool tied_head = true;
    float damage = 0;  ///< weights of blk.0 are multiplied by 1 + damage * uniform(-1, 1)
    std::string_view architecture = "llama";
    std::string_view chat_template = "";  ///< none when empty
};

/// The same with rows of whole blocks of the type.
inline tiny_model_options with_whole_blocks(tiny_model_options o) {
    if (info_of(o.type).block_weights <= 32) return o;
    o.d_model = o.d_ff = 256;
    o.n_heads = 8;
    return o;
}

/// GPT-2's byte alphabet in UTF-8: printable bytes stand for themselves, the others for U+0100 on.
inline std::string byte_token(unsigned byte) {
    const bool printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    unsigned code = byte;
    if (!printable) {
        code = 256;
        for (unsigned b = 0; b < byte; ++b)
            if (!((b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174)) ++code;
    }
    if (code < 128) return std::string(1, static_cast<char>(code));
    return {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
}

/// Ids 0..255: the bytes; then merged words; last the end-of-text token.
struct tiny_vocabulary {
    std::vector<std::string> tokens, merges;
    std::vector<std::int32_t> types;

    tiny_vocabulary() {
        for (unsigned b = 0; b < 256; ++b) tokens.push_back(byte_token(b));
        const std::string space = byte_token(' ');
        for (const auto& [left, right] : std::vector<std::pair<std::string, std::string>>{{space, "t"},
                                                                                          {"h", "e"},
                                                                                          {space + "t", "he"},
                                                                                          {"i", "n"},
                                                                                          {"e", "r"},
                                                                                          {space, "a"},
                                                                                          {"o", "n"},
                                                                                          {"r", "e"},
                                                                                          {space, "s"},
                                                                                          {"in", "g"},
                                                                                          {"1", "2"},
                                                                                          {space, "1"}}) {
            merges.push_back(left + " " + right);
            tokens.push_back(left + right);
        }
        types.assign(tokens.size(), 1);
        tokens.push_back("<|endoftext|>");
        types.push_back(3);
    }
};

class tiny_model_writer {
public:
    explicit tiny_model_writer(const tiny_model_options& options) : o_(options) {}

    status write(const std::string& path) {
        QSLIP_TRY(gguf_writer out, gguf_writer::create(path));
        add_metadata(out);
        list_tensors();
        for (const tensor& t : tensors_) {
            const std::uint64_t dims[] = {t.n_in, t.n_out};
            out.add_tensor(t.name, type_of(t), std::span(dims, t.n_out == 1 ? 1 : 2));
        }
        for (std::size_t i = 0; i < tensors_.size(); ++i) QSLIP_CHECK(write_tensor(out, i));
        return out.commit();
    }

private:
    struct tensor {
        std::string name;
        std::uint64_t n_in, n_out;
    };

    void add_metadata(gguf_writer& out) const {
        out.add_string("general.architecture", o_.architecture);
        out.add_string("general.name", "tiny");
        const std::string prefix = std::string(o_.architecture) + ".";
        const auto number = [&](const char* key, std::uint64_t n) {
            out.add_uint(prefix + key, static_cast<std::uint32_t>(n));
        };
        number("block_count", o_.n_layers);
        number("context_length", o_.context_length);
        number("embedding_length", o_.d_model);
        number("feed_forward_length", o_.d_ff);
        number("attention.head_count", o_.n_heads);
        number("attention.head_count_kv", o_.n_kv_heads);
        number("attention.key_length", o_.head_dim);
        number("attention.value_length", o_.head_dim);
        number("rope.dimension_count", o_.head_dim);
        out.add_f32(prefix + "attention.layer_norm_rms_epsilon", 1e-5f);
        out.add_f32(prefix + "rope.freq_base", 10000.0f);
        out.add_string("tokenizer.ggml.model", "gpt2");
        out.add_string("tokenizer.ggml.pre", "gpt-2");
        out.add_string_array("tokenizer.ggml.tokens", vocabulary_.tokens);
        out.add_i32_array("tokenizer.ggml.token_type", vocabulary_.types);
        out.add_string_array("tokenizer.ggml.merges", vocabulary_.merges);
        const auto last = static_cast<std::uint32_t>(vocabulary_.tokens.size() - 1);
        out.add_uint("tokenizer.ggml.bos_token_id", last);
        out.add_uint("tokenizer.ggml.eos_token_id", last);
        out.add_bool("tokenizer.ggml.add_bos_token", false);
        if (!o_.chat_template.empty())
            out.add_string("tokenizer.chat_template", std::string(o_.chat_template));
    }

    void list_tensors() {
        const std::uint64_t q = o_.n_heads * o_.head_dim, kv = o_.n_kv_heads * o_.head_dim;
        tensors_ = {{"token_embd.weight", o_.d_model, vocabulary_.tokens.size()},
                    {"output_norm.weight", o_.d_model, 1}};
        if (!o_.tied_head) tensors_.push_back({"output.weight", o_.d_model, vocabulary_.tokens.size()});
        for (std::uint64_t i = 0; i < o_.n_layers; ++i) {
            const std::string b = "blk." + std::to_string(i) + ".";
            for (tensor t : std::vector<tensor>{{"attn_norm", o_.d_model, 1},
                                                {"attn_q", o_.d_model, q},
                                                {"attn_k", o_.d_model, kv},
                                                {"attn_v", o_.d_model, kv},
                                                {"attn_output", q, o_.d_model},
                                                {"ffn_norm", o_.d_model, 1},
                                                {"ffn_gate", o_.d_model, o_.d_ff},
                                                {"ffn_up", o_.d_model, o_.d_ff},
                                                {"ffn_down", o_.d_ff, o_.d_model}})
                tensors_.push_back({b + t.name + ".weight", t.n_in, t.n_out});
        }
    }

    dtype type_of(const tensor& t) const { return t.n_out == 1 ? dtype::f32 : o_.type; }

    /// Uniform in (-1, 1), 24 bits.
    static float uniform(const counter_rng& rng, std::uint64_t i) {
        return static_cast<float>(static_cast<std::int64_t>(rng.at(i) >> 40) - (1 << 23)) / (1 << 23);
    }

    std::vector<float> weights_of(std::size_t index) const {
        const tensor& t = tensors_[index];
        const counter_rng rng(mix64(o_.seed) + index), noise(mix64(o_.seed + 1000) + index);
        const bool is_damaged = o_.damage != 0 && t.name.rfind("blk.0.", 0) == 0 && t.n_out > 1;
        const float spread = t.n_out == 1 ? 0.3f : 3.0f / std::sqrt(static_cast<float>(t.n_in));
        std::vector<float> w(t.n_in * t.n_out);
        for (std::size_t i = 0; i < w.size(); ++i) {
            w[i] = uniform(rng, i) * spread + (t.n_out == 1 ? 1.0f : 0.0f);
            if (is_damaged) w[i] *= 1.0f + o_.damage * uniform(noise, i);
        }
        return w;
    }

    status write_tensor(gguf_writer& out, std::size_t index) const {
        const std::vector<float> w = weights_of(index);
        const dtype_info type = info_of(type_of(tensors_[index]));
        std::vector<std::byte> bytes(w.size() / type.block_weights * type.block_bytes);
        if (const auto bad = quantize_rtn(type.type, w.data(), w.size(), bytes.data()))
            return status(errc::internal, "cannot quantize " + tensors_[index].name);
        return out.append(bytes);
    }

    tiny_model_options o_;
    tiny_vocabulary vocabulary_;
    std::vector<tensor> tensors_;
};

inline status write_tiny_model(const std::string& path, const tiny_model_options& options = {}) {
    return tiny_model_writer(options).write(path);
}

/// Written at `path`, opened and loaded.
inline model load_tiny_model(const std::string& path, const tiny_model_options& options = {},
                             const model_options& how = {}) {
    REQUIRE(write_tiny_model(path, options).ok());
    auto m = model::open(path, how);
    REQUIRE_MESSAGE(m.ok(), m.status().message());
    const status loaded = m->load();
    REQUIRE_MESSAGE(loaded.ok(), loaded.message());
    return *m;
}

/// Of a file that is gone once it is loaded.
inline model load_tiny(const tiny_model_options& options = {}) {
    const temp_folder folder;
    return load_tiny_model(folder.file("tiny.gguf"), options);
}

inline std::vector<std::int32_t> random_ids(const model& m, std::size_t n, std::uint64_t seed) {
    const counter_rng rng(seed);
    std::vector<std::int32_t> out(n);
    for (std::size_t i = 0; i < n; ++i)
        out[i] = static_cast<std::int32_t>(rng.index_at(i, m.config().n_vocab));
    return out;
}

}  // namespace qslip::test
