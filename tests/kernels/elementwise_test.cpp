// Norm, rotation, gate and attention: close to a double oracle, and the same bits from every tier.
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
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

struct attention_run {
    floats out;                            // [n_tokens, n_heads * dim]
    floats sums, weighted, sink, crossed;  // [n_tokens, n_heads]
};

/// Random queries, keys and values of one sequence.
struct attention_case {
    std::size_t n_tokens, n_heads, n_kv_heads, dim;
    floats q, k, v;           // [n_tokens, heads * dim]
    floats keys, values;      // as the kernels want them
    std::size_t head_stride;  // floats per KV head
    std::size_t window = 0;

    attention_case(std::size_t tokens, std::size_t heads, std::size_t kv_heads, std::size_t d,
                   std::uint64_t seed = 0)
        : n_tokens(tokens),
          n_heads(heads),
          n_kv_heads(kv_heads),
          dim(d),
          q(random_floats(tokens * heads * d, tokens + 100 * seed, 3.0f)),
          k(random_floats(tokens * kv_heads * d, tokens + 100 * seed + 1, 3.0f)),
          v(random_floats(tokens * kv_heads * d, tokens + 100 * seed + 2)) {
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

    /// Output and taps of positions in pieces of `step`; crossed with a baseline of the same shape, if any.
    attention_run run(const kernels::table& ops, std::size_t step,
                      const attention_case* base = nullptr) const {
        const std::size_t width = n_heads * dim, rows = n_tokens * n_heads;
        attention_run r{floats(n_tokens * width), floats(rows), floats(rows), floats(rows), floats(rows)};
        floats scratch(kernels::attention_scratch_floats(dim, n_tokens, base != nullptr ? 2 : 1));
        for (std::size_t t = 0; t < n_tokens; t += step) {
            const std::size_t n = std::min(step, n_tokens - t), at = t * n_heads;
            kernels::attention_taps taps{
                r.sums.data() + at, r.weighted.data() + at, r.sink.data() + at, n_heads, {}, {}, {}};
            if (base != nullptr) {
                taps.crossed = r.crossed.data() + at;
                taps.base_q = base->q.data() + t * width;
                taps.base_keys = base->keys.data();
            }
            ops.attention({q.data() + t * width, width, keys.data(), values.data(), head_stride, t, n,
                           n_heads, n_kv_heads, dim, scale(), window, r.out.data() + t * width, width, taps,
                           scratch.data()});
        }
        return r;
    }

    /// Logarithms of the weights on the keys that position t sees, from the first of them on.
    std::vector<double> log_weights(std::size_t t, std::size_t head) const {
        const std::size_t kv = head / (n_heads / n_kv_heads);
        std::vector<double> scores;
        double top = -1e300, sum = 0;
        for (std::size_t key = lowest(t); key <= t; ++key) {
            double dot = 0;
            for (std::size_t d = 0; d < dim; ++d)
                dot += double{q[(t * n_heads + head) * dim + d]} * k[(key * n_kv_heads + kv) * dim + d];
            scores.push_back(dot / std::sqrt(static_cast<double>(dim)));
            top = std::max(top, scores.back());
        }
        for (const double s : scores) sum += std::exp(s - top);
        for (double& s : scores) s -= top + std::log(sum);
        return scores;
    }
    std::size_t lowest(std::size_t t) const { return window != 0 && t + 1 > window ? t + 1 - window : 0; }

    double output(std::size_t t, std::size_t head, std::size_t i) const {
        const std::size_t kv = head / (n_heads / n_kv_heads);
        const std::vector<double> logs = log_weights(t, head);
        double out = 0;
        for (std::size_t j = 0; j < logs.size(); ++j)
            out += std::exp(logs[j]) * v[((lowest(t) + j) * n_kv_heads + kv) * dim + i];
        return out;
    }
    double entropy(std::size_t t, std::size_t head) const {
        double sum = 0;
        for (const double x : log_weights(t, head)) sum -= std::exp(x) * x;
        return sum;
    }
    double sink_mass(std::size_t t, std::size_t head) const {
        const std::vector<double> logs = log_weights(t, head);
        double sum = 0;
        for (std::size_t key = lowest(t); key < 4 && key <= t; ++key) sum += std::exp(logs[key - lowest(t)]);
        return sum;
    }
    /// KL(base || this) in nats.
    double kl_from(const attention_case& base, std::size_t t, std::size_t head) const {
        const std::vector<double> p = base.log_weights(t, head), q_logs = log_weights(t, head);
        double sum = 0;
        for (std::size_t j = 0; j < p.size(); ++j) sum += std::exp(p[j]) * (p[j] - q_logs[j]);
        return sum;
    }
};

/// The same of two runs, bit for bit.
void check_same(const attention_run& a, const attention_run& b) {
    CHECK(same_bits(a.out, b.out));
    CHECK(same_bits(a.sums, b.sums));
    CHECK(same_bits(a.weighted, b.weighted));
    CHECK(same_bits(a.sink, b.sink));
    CHECK(same_bits(a.crossed, b.crossed));
}

}  // namespace

/// Every tier and cut gives the bits of the first tier's single call; those match the double oracle.
static void check_attention(const attention_case& c, const attention_case& base) {
    const std::size_t tokens = c.n_tokens;
    const attention_run first = c.run(*test::tiers().front().ops, tokens, &base);
    const attention_run of_base = base.run(*test::tiers().front().ops, tokens);
    for (const test::tier& t : test::tiers())
        for (const std::size_t step :
             {tokens, std::size_t{1}, std::size_t{5}, std::size_t{20}, std::size_t{40}}) {
            INFO(t.name << " tokens " << tokens << " window " << c.window << " step " << step);
            check_same(first, c.run(*t.ops, step, &base));
        }
    for (std::size_t t = 0; t < tokens; t += 7)
        for (std::size_t head = 0; head < c.n_heads; ++head) {
            const std::size_t i = t * c.n_heads + head;
            CHECK(std::fabs(first.out[i * c.dim + t % c.dim] - c.output(t, head, t % c.dim)) < 5e-6);
            const double sum = first.sums[i], base_sum = of_base.sums[i];
            CHECK(std::fabs(std::log(sum) - first.weighted[i] / sum - c.entropy(t, head)) < 1e-5);
            CHECK(std::fabs(first.sink[i] / sum - c.sink_mass(t, head)) < 1e-6);
            const double cross_entropy = std::log(sum) - first.crossed[i] / base_sum;
            const double base_entropy = std::log(base_sum) - of_base.weighted[i] / base_sum;
            const double kl = c.kl_from(base, t, head);
            CHECK(std::fabs(cross_entropy - base_entropy - kl) < 1e-5 + 1e-6 * kl);
        }
}

TEST_CASE("attention, and its KL from a baseline's, matches double, whatever tier and cut into calls") {
    for (const auto& [tokens, heads, kv_heads, dim] : std::vector<std::array<std::size_t, 4>>{
             {1, 2, 1, 32}, {150, 6, 2, 32}, {97, 3, 3, 64}, {70, 16, 1, 96}})
        check_attention({tokens, heads, kv_heads, dim, 1}, {tokens, heads, kv_heads, dim, 2});
}

TEST_CASE("attention in a window matches double, whatever tier and cut into calls") {
    attention_case c(197, 6, 2, 32, 1), base(197, 6, 2, 32, 2);
    for (const std::size_t window : {1u, 2u, 3u, 31u, 32u, 33u, 64u, 100u, 196u}) {
        c.window = base.window = window;
        check_attention(c, base);
    }
}

TEST_CASE("a baseline changes no bit of what is told without one; crossed with itself it is its own") {
    attention_case c(150, 6, 2, 32, 1);
    const attention_case base(150, 6, 2, 32, 2);
    for (const test::tier& t : test::tiers())
        for (const std::size_t window : {0u, 50u})
            for (const std::size_t step : {150u, 1u}) {
                c.window = window;
                attention_run alone = c.run(*t.ops, step), crossed = c.run(*t.ops, step, &base);
                CHECK_FALSE(same_bits(crossed.crossed, crossed.weighted));
                crossed.crossed = alone.crossed;
                check_same(alone, crossed);
                const attention_run itself = c.run(*t.ops, step, &c);
                CHECK(same_bits(itself.crossed, itself.weighted));
            }
}

TEST_CASE("a window that holds every key changes no bit") {
    attention_case c(150, 6, 2, 32);
    for (const test::tier& t : test::tiers()) {
        c.window = 0;
        const attention_run all = c.run(*t.ops, 150);
        for (const std::size_t window : {std::size_t{150}, std::size_t{151}, SIZE_MAX}) {
            c.window = window;
            check_same(all, c.run(*t.ops, 150));
        }
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
    const auto tail = [&](const floats& out) {
        return floats(out.begin() + static_cast<std::ptrdiff_t>(200 * c.n_heads * c.dim), out.end());
    };
    for (const test::tier& t : test::tiers())
        for (const std::size_t step : {1u, 8u, 40u})
            CHECK(same_bits(tail(c.run(*t.ops, step).out), tail(poisoned.run(*t.ops, step).out)));
}
