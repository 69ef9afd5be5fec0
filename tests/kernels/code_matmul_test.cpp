// Modes A16 and A8 against their written rule: rows quantized by plain code here, exact integer sums per
// block, then one fused multiply-add. Every tier must give these bits.
#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/weight_format.hpp"
#include "support/stored_matrix.hpp"
#include "support/tiers.hpp"

using namespace qslip;
using test::stored_matrix;
using test::uniform;

namespace {

float to_half(float x) { return half_to_float(float_to_half(x)); }

/// One block of activations by the rule of kernels/quantized_rows.hpp.
struct block_rule {
    std::int32_t q[32] = {}, sum = 0;
    float scale, scaled_sum;

    block_rule(const float* x, numerics mode) {
        const float limit = mode == numerics::a16 ? 32512.0f : 127.0f;
        float top = 0;
        bool finite = true;
        for (int i = 0; i < 32; ++i) {
            top = std::max(top, std::fabs(x[i]));
            finite = finite && std::isfinite(x[i]);
        }
        if (finite && top > 0 && std::isfinite(limit / top))
            for (int i = 0; i < 32; ++i)
                sum += q[i] = static_cast<std::int32_t>(std::nearbyint(x[i] * (limit / top)));
        scale = finite ? top / limit : std::nanf("");
        scaled_sum = scale * static_cast<float>(sum);
        if (mode == numerics::a16) return;
        scale = to_half(scale);
        scaled_sum = to_half(scaled_sum);
    }
};

/// Rows of stored blocks, codes as whole steps.
struct stored_rows {
    kernels::packing packed;
    std::vector<std::int32_t> steps;    // [n_out, n_in]
    std::vector<float> scales, minima;  // [n_out, n_in / scale_inputs]

    explicit stored_rows(const stored_matrix& s) : packed(kernels::format_of(s.type).packed) {
        const dtype_info info = info_of(s.type);
        kernels::coded_block block;
        for (std::size_t at = 0; at < s.bytes.size(); at += info.block_bytes) {
            kernels::format_of(s.type).read_codes(reinterpret_cast<const std::uint8_t*>(&s.bytes[at]), block);
            for (std::size_t i = 0; i < info.block_weights; ++i) steps.push_back(step_of(block.codes[i]));
            for (std::size_t i = 0; i < info.block_weights / packed.scale_inputs; ++i) {
                scales.push_back(block.scales[i]);
                minima.push_back(block.minima[i]);
            }
        }
    }
    std::int32_t step_of(std::uint8_t code) const {
        return (packed.codebook ? packed.codebook[code] : code) - packed.offset;
    }
};

struct coded_problem {
    dtype type;
    std::size_t m, n_out, n_in;
    std::uint64_t seed;
};

/// c += the products of inputs first ... first + scale_inputs - 1 of a weight row with a block of
/// activations.
float add_scale_group(const stored_rows& w, std::size_t weight, const block_rule& row, std::size_t first,
                      float sum) {
    const std::size_t n = w.packed.scale_inputs, at = (weight + first) / n;
    std::int64_t dot = 0;
    std::int32_t code_sum = 0;
    for (std::size_t i = first; i < first + n; ++i) {
        dot += std::int64_t{w.steps[weight + i]} * row.q[i];
        code_sum += row.q[i];
    }
    sum = std::fma(static_cast<float>(dot), w.scales[at] * row.scale, sum);
    if (!w.packed.has_min) return sum;
    return std::fma(w.minima[at], n == 32 ? row.scaled_sum : row.scale * static_cast<float>(code_sum), sum);
}

std::vector<float> by_rule(const stored_matrix& s, const float* a, std::size_t lda, std::size_t m,
                           numerics mode, const float* add) {
    const stored_rows weights(s);
    const std::size_t n_in = s.w.n_in, n_out = s.w.n_out;
    std::vector<float> c(m * n_out);
    for (std::size_t r = 0; r < m; ++r) {
        std::vector<block_rule> row;
        for (std::size_t k = 0; k < n_in; k += 32) row.emplace_back(a + r * lda + k, mode);
        for (std::size_t n = 0; n < n_out; ++n) {
            float sum = 0;
            for (std::size_t k = 0; k < n_in; k += 32)
                for (std::size_t first = 0; first < 32; first += s.w.scale_inputs)
                    sum = add_scale_group(weights, n * n_in + k, row[k / 32], first, sum);
            c[r * n_out + n] = add ? add[r * n_out + n] + sum : sum;
        }
    }
    return c;
}

/// Memory for quantized rows that ends at guard pages.
struct code_memory {
    test::guarded<std::int8_t> codes;
    test::guarded<float> scales, scaled_sums;
    test::guarded<std::int32_t> sums;

    code_memory(std::size_t m, std::size_t n)
        : codes(m * kernels::code_row_bytes(n)),
          scales(m * kernels::n_blocks(n)),
          scaled_sums(scales.size()),
          sums(2 * scales.size()) {}
    kernels::quantized_rows rows() { return {codes.data(), scales.data(), sums.data(), scaled_sums.data()}; }
};

bool same_bits(const float* a, const float* b, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        if (std::memcmp(a + i, b + i, sizeof *a) != 0 && !(std::isnan(a[i]) && std::isnan(b[i])))
            return false;
    return true;
}

void check_product(const coded_problem& p, const stored_matrix& s, test::guarded<float>& a, numerics mode) {
    std::vector<float> before(p.m * p.n_out);
    const counter_rng rng(p.seed + 9);
    for (std::size_t i = 0; i < before.size(); ++i) before[i] = uniform(rng, i);
    test::guarded<float> c(before.size()), scratch(kernels::matmul_scratch_floats(p.m, p.n_in));
    code_memory memory(p.m, p.n_in);
    for (const bool accumulate : {false, true}) {
        const auto expected = by_rule(s, a.data(), p.n_in, p.m, mode, accumulate ? before.data() : nullptr);
        for (const test::tier& t : test::tiers()) {
            std::memcpy(c.data(), before.data(), before.size() * sizeof(float));
            t.ops->quantize_rows({a.data(), p.n_in, p.m, p.n_in, mode, memory.rows()});
            const kernels::product product{&s.w, c.data(), p.n_out};
            for (std::size_t part = 0; part < 3; ++part)
                t.ops->matmul({{a.data(), p.n_in, p.m, p.n_in, mode, memory.rows(), scratch.data(), part, 3},
                               &product,
                               1,
                               accumulate});
            INFO(t.name << " " << numerics_name(mode) << " " << info_of(p.type).name << " m " << p.m << " n "
                        << p.n_out << " k " << p.n_in);
            CHECK(same_bits(c.data(), expected.data(), expected.size()));
        }
    }
}

void check_coded(const coded_problem& p) {
    const stored_matrix s(p.type, p.n_out, p.n_in, p.seed);
    const counter_rng rng(p.seed + 7);
    test::guarded<float> a(p.m * p.n_in);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = uniform(rng, i);
    // Blocks of zeros, denormals, one outlier and ties.
    for (std::size_t i = 0; i < std::min<std::size_t>(32, a.size()); ++i) a[i] = 0;
    if (a.size() >= 128) {
        for (std::size_t i = 32; i < 64; ++i) a[i] *= 1e-40f;
        a[70] = 3e4f;
        for (std::size_t i = 96; i < 128; ++i) a[i] = static_cast<float>(i) - 111.5f;
        a[96] = 127.0f;
    }
    for (const numerics mode : {numerics::a16, numerics::a8}) check_product(p, s, a, mode);
}

std::vector<dtype_info> coded_types() {
    std::vector<dtype_info> out;
    for (const dtype_info& info : all_dtypes)
        if (info.block_weights > 1) out.push_back(info);
    return out;
}

}  // namespace

TEST_CASE("coded products follow the rule on random shapes") {
    const counter_rng rng(13);
    std::uint64_t draw = 0;
    for (const dtype_info& type : coded_types())
        for (int i = 0; i < 12; ++i) {
            const std::size_t m = 1 + rng.index_at(draw++, 70), n_out = 1 + rng.index_at(draw++, 100),
                              most = std::max<std::size_t>(1, 192 / type.block_weights);
            check_coded({type.type, m, n_out, type.block_weights * (1 + rng.index_at(draw++, most)), draw});
        }
}

TEST_CASE("coded products follow the rule for every number of rows and across steps of inputs") {
    for (std::size_t m = 1; m <= 14; ++m)
        for (const dtype type : {dtype::q4_1, dtype::q2_k, dtype::iq4_nl}) check_coded({type, m, 40, 256, m});
    for (const dtype_info& type : coded_types())
        for (const std::size_t n_in : {576u, 640u, 1536u, 2048u})
            if (n_in % type.block_weights == 0) check_coded({type.type, 7, 33, n_in, n_in});
}

TEST_CASE("extreme codes of both sides multiply exactly") {
    const stored_matrix plain(dtype::q8_0, 64, 96, 3);
    stored_matrix s(dtype::q8_0, 64, 96, 3);
    for (std::size_t b = 0; b < s.bytes.size() / 34; ++b)
        for (std::size_t i = 0; i < 32; ++i)
            s.bytes[b * 34 + 2 + i] = static_cast<std::byte>(b % 2 ? 0x80 : 0x7F);
    std::fill_n(s.panels.data(), s.panels.size(), std::uint8_t{0});
    for (std::size_t r = 0; r < 64; ++r)
        kernels::pack_row(s.w, dtype::q8_0, s.bytes.data() + r * 3 * 34, r, s.panels.data());
    test::guarded<float> a(5 * 96);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = i / 96 % 2 ? -1.0f : 1.0f;
    for (const numerics mode : {numerics::a16, numerics::a8})
        check_product({dtype::q8_0, 5, 64, 96, 4}, s, a, mode);
}

TEST_CASE("a NaN or an infinity cannot vanish in the codes") {
    const stored_matrix s(dtype::q4_0, 33, 64, 5);
    test::guarded<float> a(3 * 64);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = 1;
    a[3] = std::nanf("");
    a[64 + 40] = -INFINITY;
    for (const numerics mode : {numerics::a16, numerics::a8}) {
        check_product({dtype::q4_0, 3, 33, 64, 6}, s, a, mode);
        const auto c = by_rule(s, a.data(), 64, 3, mode, nullptr);
        for (std::size_t i = 0; i < 33; ++i) {
            CHECK(std::isnan(c[i]));
            CHECK(std::isnan(c[33 + i]));
            CHECK(std::isfinite(c[66 + i]));
        }
    }
}

TEST_CASE("a gated product gives the codes of its floats") {
    for (const dtype type : {dtype::q8_0, dtype::q4_1, dtype::iq4_nl}) {
        const stored_matrix gate(type, 96, 64, 21), up(type, 96, 64, 22);
        const counter_rng rng(23);
        const std::size_t m = 15;
        std::vector<float> a(m * 64), out(m * 96), scratch(kernels::matmul_scratch_floats(m, 64));
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = uniform(rng, i);
        for (const numerics mode : {numerics::a16, numerics::a8})
            for (const test::tier& t : test::tiers()) {
                code_memory in(m, 64), direct(m, 96), later(m, 96);
                t.ops->quantize_rows({a.data(), 64, m, 64, mode, in.rows()});
                const kernels::quantized_rows codes = direct.rows();
                for (std::size_t part = 0; part < 2; ++part)
                    t.ops->gated_matmul({{a.data(), 64, m, 64, mode, in.rows(), scratch.data(), part, 2},
                                         &gate.w,
                                         &up.w,
                                         out.data(),
                                         96,
                                         &codes});
                t.ops->quantize_rows({out.data(), 96, m, 96, mode, later.rows()});
                INFO(t.name << " " << numerics_name(mode));
                CHECK(std::memcmp(direct.scales.data(), later.scales.data(), later.scales.size() * 4) == 0);
                CHECK(std::memcmp(direct.sums.data(), later.sums.data(), later.sums.size() * 4) == 0);
                CHECK(std::memcmp(direct.scaled_sums.data(), later.scaled_sums.data(),
                                  later.scaled_sums.size() * 4) == 0);
                CHECK(std::memcmp(direct.codes.data(), later.codes.data(), later.codes.size()) == 0);
            }
    }
}
