#pragma once
// The forward pass of a llama-architecture GGUF in double, as the papers write it: no packing, no tiles, no
// cache, rotation of neighbouring pairs as the file stores them. An oracle for small models.
#include <qslip/model.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/gguf.hpp"
#include "kernels/block_codec.hpp"

namespace qslip::test {

class naive_llama {
public:
    explicit naive_llama(const gguf_file& file) : c_(*read_model_config(file)) {
        for (const tensor_info& t : file.tensors()) {
            std::vector<std::byte> bytes(t.size_bytes);
            REQUIRE(file.read_tensor(t, bytes).ok());
            std::vector<float> numbers(t.n_elements);
            dequantize(t.type, bytes.data(), t.n_elements, numbers.data());
            weights_[t.name].assign(numbers.begin(), numbers.end());
        }
    }

    /// Logits [n, n_vocab].
    std::vector<double> logits(std::span<const std::int32_t> tokens) const {
        const std::size_t n = tokens.size();
        const doubles x = hidden(tokens, nullptr);
        return product(norm(x, n, "output_norm"), n, c_.tied_head ? "token_embd" : "output");
    }

    /// Weights of attention, per layer [n queries, n_heads, n keys].
    std::vector<std::vector<double>> attention_weights(std::span<const std::int32_t> tokens) const {
        std::vector<doubles> all;
        hidden(tokens, &all);
        return all;
    }

private:
    using doubles = std::vector<double>;

    doubles hidden(std::span<const std::int32_t> tokens, std::vector<doubles>* weights) const {
        const std::size_t n = tokens.size(), d = c_.d_model;
        doubles x(n * d);
        const auto& embedding = weights_.at("token_embd.weight");
        for (std::size_t i = 0; i < n * d; ++i)
            x[i] = embedding[static_cast<std::size_t>(tokens[i / d]) * d + i % d];
        for (std::size_t l = 0; l < c_.n_layers; ++l)
            add_layer(x, n, "blk." + std::to_string(l) + ".", weights);
        return x;
    }

    doubles product(const doubles& a, std::size_t n, const std::string& name) const {
        const auto& w = weights_.at(name + ".weight");
        const std::size_t n_in = a.size() / n, n_out = w.size() / n_in;
        doubles out(n * n_out);
        for (std::size_t r = 0; r < n; ++r)
            for (std::size_t o = 0; o < n_out; ++o)
                for (std::size_t k = 0; k < n_in; ++k)
                    out[r * n_out + o] += a[r * n_in + k] * w[o * n_in + k];
        return out;
    }

    doubles norm(const doubles& x, std::size_t n, const std::string& name) const {
        const auto& w = weights_.at(name + ".weight");
        const std::size_t d = w.size();
        doubles out(x.size());
        for (std::size_t r = 0; r < n; ++r) {
            double squares = 0;
            for (std::size_t i = 0; i < d; ++i) squares += x[r * d + i] * x[r * d + i];
            const double scale = 1 / std::sqrt(squares / static_cast<double>(d) + double{c_.rms_eps});
            for (std::size_t i = 0; i < d; ++i) out[r * d + i] = x[r * d + i] * scale * w[i];
        }
        return out;
    }

    void rotate(doubles& x, std::size_t n) const {
        const std::size_t width = x.size() / n;
        for (std::size_t i = 0; i < x.size(); i += 2) {
            const double pair = static_cast<double>(i % width % c_.head_dim);
            const double angle = static_cast<double>(i / width) *
                                 std::pow(c_.rope_base, -pair / static_cast<double>(c_.head_dim));
            const double a = x[i], b = x[i + 1];
            x[i] = a * std::cos(angle) - b * std::sin(angle);
            x[i + 1] = a * std::sin(angle) + b * std::cos(angle);
        }
    }

    doubles attention_weights(const doubles& q, const doubles& k, std::size_t n) const {
        const std::size_t dim = c_.head_dim, group = c_.n_heads / c_.n_kv_heads;
        doubles out(n * c_.n_heads * n);
        for (std::size_t t = 0; t < n; ++t)
            for (std::size_t h = 0; h < c_.n_heads; ++h) {
                const double* query = &q[(t * c_.n_heads + h) * dim];
                double* p = &out[(t * c_.n_heads + h) * n];
                double top = -1e300, sum = 0;
                for (std::size_t s = 0; s <= t; ++s) {
                    for (std::size_t i = 0; i < dim; ++i)
                        p[s] += query[i] * k[(s * c_.n_kv_heads + h / group) * dim + i];
                    p[s] /= std::sqrt(static_cast<double>(dim));
                    top = std::max(top, p[s]);
                }
                for (std::size_t s = 0; s <= t; ++s) sum += p[s] = std::exp(p[s] - top);
                for (std::size_t s = 0; s <= t; ++s) p[s] /= sum;
            }
        return out;
    }

    doubles attention(const doubles& weights, const doubles& v, std::size_t n) const {
        const std::size_t dim = c_.head_dim, group = c_.n_heads / c_.n_kv_heads;
        doubles out(n * c_.n_heads * dim);
        for (std::size_t row = 0; row < n * c_.n_heads; ++row)
            for (std::size_t s = 0; s <= row / c_.n_heads; ++s)
                for (std::size_t i = 0; i < dim; ++i)
                    out[row * dim + i] +=
                        weights[row * n + s] * v[(s * c_.n_kv_heads + row % c_.n_heads / group) * dim + i];
        return out;
    }

    void add_layer(doubles& x, std::size_t n, const std::string& block, std::vector<doubles>* seen) const {
        const doubles a = norm(x, n, block + "attn_norm");
        doubles q = product(a, n, block + "attn_q"), k = product(a, n, block + "attn_k");
        rotate(q, n);
        rotate(k, n);
        const doubles weights = attention_weights(q, k, n);
        if (seen != nullptr) seen->push_back(weights);
        const doubles o =
            product(attention(weights, product(a, n, block + "attn_v"), n), n, block + "attn_output");
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += o[i];
        const doubles f = norm(x, n, block + "ffn_norm");
        doubles gate = product(f, n, block + "ffn_gate");
        const doubles up = product(f, n, block + "ffn_up");
        for (std::size_t i = 0; i < gate.size(); ++i) gate[i] *= up[i] / (1 + std::exp(-gate[i]));
        const doubles down = product(gate, n, block + "ffn_down");
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += down[i];
    }

    model_config c_;
    std::map<std::string, doubles> weights_;
};

}  // namespace qslip::test
