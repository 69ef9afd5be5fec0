// Products against the written rule: one fused multiply-add per input, ascending, from +0, on the weights as
// dequantize() gives them. Every tier must give these bits.
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/pack.hpp"
#include "support/guarded.hpp"
#include "support/stored_matrix.hpp"
#include "support/tiers.hpp"

using namespace qslip;
using kernels::packed_matrix;
using test::stored_matrix;
using test::uniform;

namespace {

/// c [m, n_out] by the rule.
std::vector<float> by_rule(const stored_matrix& s, const float* a, std::size_t lda, std::size_t m,
                           const float* add) {
    std::vector<float> c(m * s.w.n_out);
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t n = 0; n < s.w.n_out; ++n) {
            float sum = 0;
            for (std::size_t k = 0; k < s.w.n_in; ++k)
                sum = std::fma(a[r * lda + k], s.numbers[n * s.w.n_in + k], sum);
            c[r * s.w.n_out + n] = add ? add[r * s.w.n_out + n] + sum : sum;
        }
    return c;
}

struct problem {
    dtype type;
    std::size_t m, n_out, n_in;
    std::uint64_t seed;
};

void check_problem(const problem& p) {
    const stored_matrix s(p.type, p.n_out, p.n_in, p.seed);
    const counter_rng rng(p.seed + 7);
    const std::size_t lda = p.n_in + p.seed % 3, ldc = p.n_out;
    test::guarded<float> a(p.m * lda), c(p.m * ldc);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = uniform(rng, i);
    std::vector<float> before(c.size());
    for (std::size_t i = 0; i < before.size(); ++i) before[i] = uniform(rng, 1000000 + i);
    test::guarded<float> scratch(kernels::matmul_scratch_floats(p.m, p.n_in));
    for (const bool accumulate : {false, true}) {
        const std::vector<float> expected =
            by_rule(s, a.data(), lda, p.m, accumulate ? before.data() : nullptr);
        for (const test::tier& t : test::tiers()) {
            std::memcpy(c.data(), before.data(), before.size() * sizeof(float));
            const kernels::product product{&s.w, c.data(), ldc};
            t.ops->matmul({{a.data(), lda, p.m, p.n_in, numerics::f32, {}, scratch.data(), 0, 1},
                           &product,
                           1,
                           accumulate});
            INFO(t.name << " " << info_of(p.type).name << " m " << p.m << " n " << p.n_out << " k "
                        << p.n_in);
            CHECK(std::memcmp(c.data(), expected.data(), expected.size() * sizeof(float)) == 0);
        }
    }
}

}  // namespace

TEST_CASE("products follow the rule on random shapes") {
    const counter_rng rng(11);
    std::uint64_t draw = 0;
    for (const dtype_info& info : all_dtypes)
        for (int i = 0; i < 24; ++i) {
            const std::size_t m = 1 + rng.index_at(draw++, 70), n_out = 1 + rng.index_at(draw++, 100);
            const std::size_t n_in =
                info.block_weights * (1 + rng.index_at(draw++, std::max(1u, 160 / info.block_weights)));
            check_problem({info.type, m, n_out, n_in, draw});
        }
}

TEST_CASE("products follow the rule for every number of rows") {
    for (std::size_t m = 1; m <= 26; ++m) check_problem({dtype::q4_1, m, 40, 64, m});
}

TEST_CASE("products follow the rule across steps of inputs and at model sizes") {
    for (const std::size_t n_in : {576u, 640u, 1536u, 2048u, 4128u})
        check_problem({dtype::q8_0, 13, 33, n_in, n_in});
    for (const std::size_t n_in : {63u, 65u, 257u, 4097u}) check_problem({dtype::f32, 7, 35, n_in, n_in});
}

TEST_CASE("a packed column unpacks to the stored numbers") {
    for (const dtype_info& info : all_dtypes) {
        const std::size_t n_in = info.block_weights > 32 ? 256 : 96;
        const stored_matrix s(info.type, 45, n_in, 5);
        std::vector<float> column(n_in);
        for (std::size_t n = 0; n < 45; ++n) {
            kernels::unpack_column(s.w, n, column.data());
            CHECK(std::memcmp(column.data(), s.numbers.data() + n * n_in, n_in * sizeof(float)) == 0);
        }
    }
}

TEST_CASE("extreme codes, zero and denormal scales multiply exactly") {
    // One Q8_0 row per scale; codes run from -128 to 127.
    const std::uint16_t scales[] = {0x0000, 0x8000, 0x0001, 0x83FF, 0x7BFF, 0xFBFF, 0x3C00};
    std::vector<std::byte> row(8 * 34);
    for (const std::uint16_t scale : scales) {
        for (std::size_t b = 0; b < 8; ++b) {
            std::memcpy(&row[b * 34], &scale, 2);
            for (std::size_t i = 0; i < 32; ++i) row[b * 34 + 2 + i] = static_cast<std::byte>(b * 32 + i);
        }
        packed_matrix w = kernels::packing_of(dtype::q8_0, 1, 256);
        test::guarded<std::uint8_t> panels(static_cast<std::size_t>(*kernels::packed_bytes(w).get()));
        kernels::pack_row(w, dtype::q8_0, row.data(), 0, panels.data());
        w.panels = panels.data();
        std::vector<float> numbers(256), scratch(kernels::matmul_scratch_floats(256, 256)), unit(256 * 256);
        dequantize(dtype::q8_0, row.data(), 256, numbers.data());
        for (std::size_t i = 0; i < 256; ++i) unit[i * 257] = 1;
        for (const test::tier& t : test::tiers()) {
            std::vector<float> c(256);
            const kernels::product product{&w, c.data(), 1};
            t.ops->matmul(
                {{unit.data(), 256, 256, 256, numerics::f32, {}, scratch.data(), 0, 1}, &product, 1, false});
            for (std::size_t i = 0; i < 256; ++i) CHECK(c[i] == numbers[i]);
        }
    }
}
