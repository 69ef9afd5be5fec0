// Norm, rotation, gate and attention: close to a double oracle, and the same bits from every tier.
#include <doctest/doctest.h>
#include <qslip/core/rng.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/pack.hpp"
#include "support/guarded.hpp"
#include "support/tiers.hpp"

using namespace qslip;
using floats = std::vector<float>;

namespace {

floats random_floats(std::size_t n, std::uint64_t seed, float range = 1.0f) {
    const counter_rng rng(seed);
    floats x(n);
    for (std::size_t i = 0; i < n; ++i)
        x[i] = range * static_cast<float>(static_cast<std::int64_t>(rng.at(i) >> 40) - (1 << 23)) / (1 << 23);
    return x;
}

bool same_bits(const floats& a, const floats& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("rmsnorm matches double within 4 ulp-ish and agrees across tiers") {
    for (const std::size_t n : {1u, 15u, 16u, 17u, 33u, 576u, 1000u}) {
        const floats x = random_floats(3 * n, n), w = random_floats(n, n + 1);
        floats first;
        for (const test::tier& t : test::tiers()) {
            test::guarded<float> out(3 * n);
            t.ops->rmsnorm({x.data(), n, w.data(), n, 1e-5f, out.data(), n, 3});
            const floats got(out.data(), out.data() + out.size());
            if (first.empty()) first = got;
            INFO(t.name << " n " << n);
            CHECK(same_bits(got, first));
        }
        for (std::size_t r = 0; r < 3; ++r) {
            double squares = 0;
            for (std::size_t i = 0; i < n; ++i) squares += double{x[r * n + i]} * x[r * n + i];
            for (std::size_t i = 0; i < n; ++i) {
                const double expected =
                    x[r * n + i] / std::sqrt(squares / static_cast<double>(n) + 1e-5f) * w[i];
                CHECK(std::fabs(first[r * n + i] - expected) <= 5e-7 * std::fabs(expected) + 1e-12);
            }
        }
    }
}

/// silu(gate) * up by the gated product with weights that pick the two numbers of a row.
static floats gated(const kernels::table& ops, const floats& gate, const floats& up) {
    const std::size_t n = gate.size();
    floats rows(2 * n), out(n), scratch(kernels::matmul_scratch_floats(n, 2));
    for (std::size_t i = 0; i < n; ++i) {
        rows[2 * i] = gate[i];
        rows[2 * i + 1] = up[i];
    }
    const float first[] = {1, 0}, second[] = {0, 1};
    alignas(64) std::uint8_t panels[2][kernels::panel_columns * 2 * sizeof(float)] = {};
    kernels::packed_matrix w[2] = {kernels::packing_of(dtype::f32, 1, 2),
                                   kernels::packing_of(dtype::f32, 1, 2)};
    for (int i = 0; i < 2; ++i) {
        kernels::pack_row(w[i], dtype::f32, reinterpret_cast<const std::byte*>(i == 0 ? first : second), 0,
                          panels[i]);
        w[i].panels = panels[i];
    }
    ops.gated_matmul({{rows.data(), 2, n, 2, numerics::f32, {}, scratch.data(), 0, 1},
                      &w[0],
                      &w[1],
                      out.data(),
                      1,
                      nullptr});
    return out;
}

TEST_CASE("swiglu matches double and agrees across tiers, far tails and NaN included") {
    floats gate = random_floats(1003, 3, 20.0f), up = random_floats(1003, 4);
    const float special[] = {0.0f, -0.0f, 88.0f, -88.0f, 200.0f, -200.0f, 1e30f, -1e30f};
    std::copy(std::begin(special), std::end(special), gate.begin());
    floats first;
    for (const test::tier& t : test::tiers()) {
        const floats out = gated(*t.ops, gate, up);
        if (first.empty()) first = out;
        CHECK(same_bits(out, first));
    }
    for (std::size_t i = 8; i < gate.size(); ++i) {
        const double g = gate[i], expected = g / (1 + std::exp(-g)) * up[i];
        CHECK(std::fabs(first[i] - expected) <= 1e-6 * std::fabs(expected) + 1e-30);
    }
    for (const test::tier& t : test::tiers()) CHECK(std::isnan(gated(*t.ops, {std::nanf("")}, {1.0f})[0]));
}

TEST_CASE("rotation matches double and agrees across tiers") {
    const floats heads = random_floats(3 * 64, 5), c = random_floats(32, 6), s = random_floats(32, 7);
    floats first;
    for (const test::tier& t : test::tiers()) {
        floats x = heads;
        t.ops->rope(x.data(), 3, 32, c.data(), s.data());
        if (first.empty()) first = x;
        CHECK(same_bits(x, first));
    }
    for (std::size_t i = 0; i < 32; ++i) {
        CHECK(first[i] ==
              doctest::Approx(double{heads[i]} * c[i] - double{heads[32 + i]} * s[i]).epsilon(1e-5));
        CHECK(first[32 + i] ==
              doctest::Approx(double{heads[i]} * s[i] + double{heads[32 + i]} * c[i]).epsilon(1e-5));
    }
}

namespace {

/// Random queries, keys and values of one sequence.
struct attention_case {
    std::size_t n_tokens, n_heads, n_kv_heads, dim;
    floats q, k, v;           // [n_tokens, heads * dim]
    floats keys, values;      // as the kernels want them
    std::size_t head_stride;  // floats per KV head
    std::size_t window = 0;

    attention_case(std::size_t tokens, std::size_t heads, std::size_t kv_heads, std::size_t d)
        : n_tokens(tokens),
          n_heads(heads),
          n_kv_heads(kv_heads),
          dim(d),
          q(random_floats(tokens * heads * d, tokens, 3.0f)),
          k(random_floats(tokens * kv_heads * d, tokens + 1, 3.0f)),
          v(random_floats(tokens * kv_heads * d, tokens + 2)) {
        const std::size_t room = (tokens + 63) / 64 * 64;
        head_stride = room * d;
        keys.resize(kv_heads * head_stride);
        values.resize(kv_heads * head_stride);
        for (std::size_t t = 0; t < tokens; ++t)
            for (std::size_t h = 0; h < kv_heads; ++h)
                for (std::size_t i = 0; i < d; ++i) {
                    keys[h * head_stride + t / 64 * d * 64 + i * 64 + t % 64] = k[(t * kv_heads + h) * d + i];
                    values[h * head_stride + t * d + i] = v[(t * kv_heads + h) * d + i];
                }
    }

    float scale() const { return 1.0f / std::sqrt(static_cast<float>(dim)); }

    /// Output and tap of positions in pieces of `step`.
    void run(const kernels::table& ops, std::size_t step, floats& out, floats& sums, floats& weighted,
             floats& sink) const {
        const std::size_t width = n_heads * dim;
        out.resize(n_tokens * width);
        sums.resize(n_tokens * n_heads);
        weighted.resize(n_tokens * n_heads);
        sink.resize(n_tokens * n_heads);
        floats scratch(kernels::attention_scratch_floats(dim, n_tokens));
        for (std::size_t t = 0; t < n_tokens; t += step) {
            const std::size_t n = std::min(step, n_tokens - t);
            ops.attention({q.data() + t * width, width, keys.data(), values.data(), head_stride, t, n,
                           n_heads, n_kv_heads, dim, scale(), window, out.data() + t * width, width,
                           sums.data() + t * n_heads, weighted.data() + t * n_heads,
                           sink.data() + t * n_heads, n_heads, scratch.data()});
        }
    }

    double oracle(std::size_t t, std::size_t head, std::size_t i, double& entropy, double& sink) const {
        const std::size_t kv = head / (n_heads / n_kv_heads);
        const std::size_t lowest = window != 0 && t + 1 > window ? t + 1 - window : 0;
        std::vector<double> p(t + 1);
        double top = -1e300, sum = 0, out = 0;
        for (std::size_t key = lowest; key <= t; ++key) {
            double dot = 0;
            for (std::size_t d = 0; d < dim; ++d)
                dot += double{q[(t * n_heads + head) * dim + d]} * k[(key * n_kv_heads + kv) * dim + d];
            p[key] = dot / std::sqrt(static_cast<double>(dim));
            top = std::max(top, p[key]);
        }
        for (std::size_t key = lowest; key <= t; ++key) sum += p[key] = std::exp(p[key] - top);
        entropy = sink = 0;
        for (std::size_t key = lowest; key <= t; ++key) {
            p[key] /= sum;
            if (key < 4) sink += p[key];
            if (p[key] > 0) entropy -= p[key] * std::log(p[key]);
            out += p[key] * v[(key * n_kv_heads + kv) * dim + i];
        }
        return out;
    }
};

}  // namespace

/// Every tier and cut gives the bits of the first tier's single call; those match the double oracle.
static void check_attention(const attention_case& c) {
    const std::size_t tokens = c.n_tokens, heads = c.n_heads, dim = c.dim;
    floats out, sums, weighted, sink, out2, sums2, weighted2, sink2;
    c.run(*test::tiers().front().ops, tokens, out, sums, weighted, sink);
    for (const test::tier& t : test::tiers())
        for (const std::size_t step : {tokens, std::size_t{1}, std::size_t{5}, std::size_t{40}}) {
            c.run(*t.ops, step, out2, sums2, weighted2, sink2);
            INFO(t.name << " tokens " << tokens << " window " << c.window << " step " << step);
            CHECK(same_bits(out, out2));
            CHECK(same_bits(sums, sums2));
            CHECK(same_bits(weighted, weighted2));
            CHECK(same_bits(sink, sink2));
        }
    for (std::size_t t = 0; t < tokens; t += 7)
        for (std::size_t head = 0; head < heads; ++head) {
            double entropy = 0, mass = 0;
            const double expected = c.oracle(t, head, t % dim, entropy, mass);
            CHECK(std::fabs(out[(t * heads + head) * dim + t % dim] - expected) < 5e-6);
            const double sum = sums[t * heads + head];
            CHECK(std::fabs(std::log(sum) - weighted[t * heads + head] / sum - entropy) < 1e-5);
            CHECK(std::fabs(sink[t * heads + head] / sum - mass) < 1e-6);
        }
}

TEST_CASE("attention matches double, whatever tier and cut into calls") {
    for (const auto& [tokens, heads, kv_heads, dim] : std::vector<std::array<std::size_t, 4>>{
             {1, 2, 1, 32}, {150, 6, 2, 32}, {97, 3, 3, 64}, {70, 16, 1, 96}})
        check_attention({tokens, heads, kv_heads, dim});
}

TEST_CASE("attention in a window matches double, whatever tier and cut into calls") {
    attention_case c(197, 6, 2, 32);
    for (const std::size_t window : {1u, 2u, 3u, 31u, 32u, 33u, 64u, 100u, 196u}) {
        c.window = window;
        check_attention(c);
    }
}

TEST_CASE("a window that holds every key changes no bit") {
    attention_case c(150, 6, 2, 32);
    floats out, sums, weighted, sink, out2, sums2, weighted2, sink2;
    for (const test::tier& t : test::tiers())
        for (const std::size_t window : {std::size_t{150}, std::size_t{151}, SIZE_MAX}) {
            c.window = 0;
            c.run(*t.ops, 150, out, sums, weighted, sink);
            c.window = window;
            c.run(*t.ops, 150, out2, sums2, weighted2, sink2);
            CHECK(same_bits(out, out2));
            CHECK(same_bits(weighted, weighted2));
        }
}

TEST_CASE("keys before the window are not read") {
    attention_case c(256, 2, 1, 32), poisoned = c;
    c.window = poisoned.window = 40;
    // Position 200 on sees keys from 161; what is visited begins at 160.
    for (std::size_t key = 0; key < 160; ++key)
        for (std::size_t i = 0; i < 32; ++i) {
            poisoned.keys[key / 64 * 32 * 64 + i * 64 + key % 64] = std::nanf("");
            poisoned.values[key * 32 + i] = std::nanf("");
        }
    floats out, sums, weighted, sink, out2, sums2, weighted2, sink2;
    for (const test::tier& t : test::tiers())
        for (const std::size_t step : {std::size_t{1}, std::size_t{8}, std::size_t{40}}) {
            c.run(*t.ops, step, out, sums, weighted, sink);
            poisoned.run(*t.ops, step, out2, sums2, weighted2, sink2);
            const auto from = static_cast<std::ptrdiff_t>(200 * c.n_heads * c.dim);
            CHECK(same_bits({out.begin() + from, out.end()}, {out2.begin() + from, out2.end()}));
        }
}
