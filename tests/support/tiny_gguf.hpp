#pragma once
// The bytes of a complete GGUF model of about 600 KiB, made without the library: llama architecture,
// 2 layers, width 64, every byte a token, a few merges, BOS and EOS. Weights are seeded noise.
#include <cstdint>
#include <string>
#include <vector>

namespace qslip::test {

class tiny_gguf {
public:
    static constexpr std::uint32_t n_vocab = 261, n_ctx = 96, n_layers = 2, d_model = 64, d_ff = 128;
    static constexpr std::int32_t bos = 259, eos = 260;

    /// All bytes. `seed` chooses the weights, `scale` their size.
    static std::string bytes(std::uint64_t seed = 1, float scale = 0.2F) {
        tiny_gguf file(seed, scale);
        file.describe();
        file.list_tensors();
        return file.assemble();
    }

private:
    struct tensor {
        std::string name;
        std::vector<std::uint64_t> dims;
        bool is_norm;
    };

    tiny_gguf(std::uint64_t seed, float scale) : random_(seed * 0x9E3779B97F4A7C15ULL + 1), scale_(scale) {}

    template <class T>
    static void put(std::string& out, T value) {
        out.append(reinterpret_cast<const char*>(&value), sizeof value);  // little-endian machines only
    }
    static void put_string(std::string& out, const std::string& s) {
        put<std::uint64_t>(out, s.size());
        out += s;
    }
    void key(const std::string& name, std::uint32_t type) {
        put_string(meta_, name);
        put(meta_, type);
        ++n_keys_;
    }
    void u32(const std::string& name, std::uint32_t v) { key(name, 4), put(meta_, v); }
    void f32(const std::string& name, float v) { key(name, 6), put(meta_, v); }
    void text(const std::string& name, const std::string& v) { key(name, 8), put_string(meta_, v); }
    void texts(const std::string& name, const std::vector<std::string>& all) {
        key(name, 9);
        put<std::uint32_t>(meta_, 8);
        put<std::uint64_t>(meta_, all.size());
        for (const auto& one : all) put_string(meta_, one);
    }

    /// A byte in GPT-2's alphabet: itself when printable, else one of U+0100...
    static std::string letter(unsigned byte) {
        unsigned code = byte, next = 256;
        for (unsigned b = 0; b <= byte; ++b) {
            const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
            if (b == byte) code = printable ? b : next;
            next += printable ? 0 : 1;
        }
        if (code < 128) return {static_cast<char>(code)};
        return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 63))};
    }

    void describe() {
        text("general.architecture", "llama");
        u32("llama.block_count", n_layers);
        u32("llama.context_length", n_ctx);
        u32("llama.embedding_length", d_model);
        u32("llama.feed_forward_length", d_ff);
        u32("llama.attention.head_count", 2);
        u32("llama.attention.head_count_kv", 1);
        f32("llama.attention.layer_norm_rms_epsilon", 1e-5F);
        f32("llama.rope.freq_base", 10000);
        text("tokenizer.ggml.model", "gpt2");
        text("tokenizer.ggml.pre", "gpt-2");
        std::vector<std::string> tokens;
        for (unsigned b = 0; b < 256; ++b) tokens.push_back(letter(b));
        tokens.insert(tokens.end(), {"he", "ll", "hell", "<s>", "</s>"});
        texts("tokenizer.ggml.tokens", tokens);
        key("tokenizer.ggml.token_type", 9);
        put<std::uint32_t>(meta_, 5);
        put<std::uint64_t>(meta_, n_vocab);
        for (std::int32_t id = 0; id < static_cast<std::int32_t>(n_vocab); ++id)
            put<std::int32_t>(meta_, id >= bos ? 3 : 1);
        texts("tokenizer.ggml.merges", {"h e", "l l", "he ll"});
        u32("tokenizer.ggml.bos_token_id", bos);
        u32("tokenizer.ggml.eos_token_id", eos);
        key("tokenizer.ggml.add_bos_token", 7);
        put<std::uint8_t>(meta_, 1);
    }

    void list_tensors() {
        add("token_embd.weight", {d_model, n_vocab});
        add("output_norm.weight", {d_model}, true);
        for (std::uint32_t layer = 0; layer < n_layers; ++layer) {
            const std::string block = "blk." + std::to_string(layer) + ".";
            add(block + "attn_norm.weight", {d_model}, true);
            add(block + "attn_q.weight", {d_model, d_model});
            add(block + "attn_k.weight", {d_model, d_model / 2});
            add(block + "attn_v.weight", {d_model, d_model / 2});
            add(block + "attn_output.weight", {d_model, d_model});
            add(block + "ffn_norm.weight", {d_model}, true);
            add(block + "ffn_gate.weight", {d_model, d_ff});
            add(block + "ffn_up.weight", {d_model, d_ff});
            add(block + "ffn_down.weight", {d_ff, d_model});
        }
    }

    void add(const std::string& name, std::vector<std::uint64_t> dims, bool is_norm = false) {
        put_string(infos_, name);
        put<std::uint32_t>(infos_, static_cast<std::uint32_t>(dims.size()));
        std::uint64_t n = 1;
        for (const auto d : dims) put(infos_, d), n *= d;
        put<std::uint32_t>(infos_, 0);  // F32
        put<std::uint64_t>(infos_, data_.size());
        for (std::uint64_t i = 0; i < n; ++i) put(data_, is_norm ? 1 + 0.1F * noise() : scale_ * noise());
        data_.resize((data_.size() + 31) / 32 * 32);
        ++n_tensors_;
    }

    /// Uniform in [-1, 1).
    float noise() {
        random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<float>(random_ >> 40) / 8388608.0F - 1;
    }

    std::string assemble() const {
        std::string out = "GGUF";
        put<std::uint32_t>(out, 3);
        put<std::uint64_t>(out, n_tensors_);
        put<std::uint64_t>(out, n_keys_);
        out += meta_ + infos_;
        out.resize((out.size() + 31) / 32 * 32);
        return out + data_;
    }

    std::uint64_t random_;
    float scale_;
    std::string meta_, infos_, data_;
    std::uint64_t n_keys_ = 0, n_tensors_ = 0;
};

}  // namespace qslip::test
