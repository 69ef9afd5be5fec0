// Every tier's sweep gives the bits of the header's, on rows made to hit its edges.
#include <qslip/detail/core/bytes.hpp>
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/metrics/compare_position.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/position_sweep.hpp"

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();

/// A row of one of several characters; entry values depend on seed and index only.
std::vector<float> fuzz_row(std::uint64_t seed, std::size_t n) {
    const qslip::counter_rng rng(seed);
    const auto kind = rng.index_at(0, 8);
    std::vector<float> x(n);
    for (std::size_t i = 0; i < n; ++i) {
        const float u = static_cast<float>(rng.index_at(i + 1, 1u << 20)) / (1u << 19) - 1;
        x[i] = kind == 0   ? 3 * u
               : kind == 1 ? 40 * u
               : kind == 2 ? 400 * u
               : kind == 3 ? std::round(3 * u)
                           : u;
        const auto special = rng.index_at(i + 1000000, 200);
        if (kind == 4 && special < 40) x[i] = -inf;
        if (kind == 5 && special < 20) x[i] = -3e38f;
        if (kind == 6 && special < 2) x[i] = special == 0 ? std::nanf("") : inf;
        if (kind == 7 && special < 5) x[i] = 1e30f * u;
    }
    return x;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

void check_same(const qslip::position_values& x, const qslip::position_values& y) {
    CHECK(same_bits(x.kl_fwd_nats, y.kl_fwd_nats));
    CHECK(same_bits(x.kl_rev_nats, y.kl_rev_nats));
    CHECK(same_bits(x.js_nats, y.js_nats));
    CHECK(same_bits(x.tv, y.tv));
    CHECK(same_bits(x.entropy_base_nats, y.entropy_base_nats));
    CHECK(same_bits(x.entropy_cand_nats, y.entropy_cand_nats));
    CHECK(same_bits(x.nll_base_nats, y.nll_base_nats));
    CHECK(same_bits(x.nll_cand_nats, y.nll_cand_nats));
    CHECK(same_bits(x.dp, y.dp));
    CHECK(same_bits(x.margin_nats, y.margin_nats));
    CHECK(x.top1_base == y.top1_base);
    CHECK(x.top1_cand == y.top1_cand);
    CHECK(x.top1_tie == y.top1_tie);
    CHECK(x.has_target == y.has_target);
    CHECK(x.target_masked == y.target_masked);
    CHECK(x.kl_fwd_infinite == y.kl_fwd_infinite);
    CHECK(x.kl_rev_infinite == y.kl_rev_infinite);
    CHECK(x.base_nonfinite == y.base_nonfinite);
    CHECK(x.cand_nonfinite == y.cand_nonfinite);
}

void check_sane(const qslip::position_values& v) {
    if (!v.finite()) return;
    CHECK(v.kl_fwd_nats >= 0);
    CHECK(v.kl_rev_nats >= 0);
    CHECK(v.js_nats >= 0);
    CHECK(v.js_nats <= 0.6931471805599454);
    CHECK(v.tv >= 0);
    CHECK(v.tv <= 1);
    CHECK(v.entropy_base_nats >= 0);
    CHECK(std::isfinite(v.entropy_cand_nats));
    CHECK(v.margin_nats >= 0);
}

}  // namespace

TEST_CASE("tiers agree bit for bit with the header") {
    for (const auto tier : {qslip::isa::scalar, qslip::isa::neon, qslip::isa::avx2, qslip::isa::avx512}) {
        if (!qslip::isa_supported(tier)) {
            std::printf("sweep %s: not run, this machine or build lacks it\n", qslip::isa_name(tier));
            continue;
        }
        int n_finite = 0;
        for (std::uint64_t seed = 0; seed < 600; ++seed) {
            const std::size_t n = seed < 80 ? seed + 1 : 1 + qslip::counter_rng(seed).index_at(7, 3000);
            const auto a = fuzz_row(seed, n);
            auto b = fuzz_row(seed + 5000, n);
            if (seed % 2 == 0) {  // a small disturbance of a, where the polynomials work
                for (std::size_t i = 0; i < n; ++i) b[i] = a[i] + 0.1f * static_cast<float>(i % 7);
            }
            const auto target = static_cast<std::int32_t>(seed % 3 == 0 ? n : seed % n) - 1;
            const auto want = qslip::metrics::by_header::compare_position(a, b, target);
            CAPTURE(seed);
            check_same(qslip::compare_position(tier, a, b, target), want);
            check_same(qslip::metrics::compare_position(a, b, target), want);
            check_sane(want);
            n_finite += want.finite() ? 1 : 0;
        }
        CHECK(n_finite > 300);
        std::printf("sweep %s: native, 600 pairs of rows, %d finite\n", qslip::isa_name(tier), n_finite);
    }
}

TEST_CASE("x86 and ARM agree: the bits of 600 comparisons as one number") {
    qslip::byte_writer bits;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        const std::size_t n = 1 + seed % 301;
        const auto a = fuzz_row(seed, n);
        auto b = a;
        for (std::size_t i = 0; i < n; ++i) b[i] += 0.3f * static_cast<float>(i * i % 11);
        const auto v = qslip::metrics::by_header::compare_position(a, b, 0);
        if (!v.finite()) continue;
        for (const double x : {v.kl_fwd_nats, v.kl_rev_nats, v.js_nats, v.tv, v.entropy_base_nats,
                               v.entropy_cand_nats, v.nll_base_nats, v.nll_cand_nats, v.dp, v.margin_nats})
            bits.f64(x);
    }
    CHECK(bits.bytes().size() > 30000);
    CHECK(qslip::crc64(bits.bytes()) == 3808683356466525923ull);
}

TEST_CASE("rows need no alignment") {
    const auto a = fuzz_row(8, 1003), b = fuzz_row(16, 1003);
    const auto tier = qslip::resolve_isa("").value();
    for (std::size_t shift = 0; shift < 16; ++shift) {
        const std::span<const float> x(a.data() + shift, 900), y(b.data() + 15 - shift, 900);
        check_same(qslip::compare_position(tier, x, y, 5),
                   qslip::metrics::by_header::compare_position(x, y, 5));
    }
}

TEST_CASE("edges of a position") {
    using qslip::metrics::compare_position;
    using row = std::vector<float>;
    const auto one = compare_position(row{3}, row{-7}, 0);
    CHECK(one.kl_fwd_nats == 0);
    CHECK(one.js_nats == 0);
    CHECK_FALSE(one.has_margin);
    CHECK(one.nll_base_nats == 0);

    CHECK(compare_position(row{-inf, -inf}, row{0, 1}).base_nonfinite);
    CHECK(compare_position(row{0, 1}, row{-inf, -inf}).cand_nonfinite);
    CHECK(compare_position(row{0, std::nanf("")}, row{0, 1}).base_nonfinite);
    CHECK(compare_position(row{0, 1}, row{inf, 1}).cand_nonfinite);
    CHECK(compare_position(row{}, row{1}).base_nonfinite);
    CHECK(compare_position(row{0, 1}, row{1, 0}, 7).target_masked);

    const auto tie = compare_position(row{1, 2, 2, 0}, row{0, 1, 2, 0});
    CHECK(tie.top1_base == 1);
    CHECK(tie.top1_cand == 2);
    CHECK(tie.margin_nats == 0);
    CHECK(tie.top1_tie);
    CHECK_FALSE(compare_position(row{1, 2, 0}, row{2, 1, 0}).top1_tie);

    // exp underflows, but nothing is masked: a large finite divergence, no mismatch.
    const auto far = compare_position(row{0, -2000}, row{-2000, 0}, 0);
    CHECK_FALSE(far.support_mismatch());
    CHECK(far.kl_fwd_nats == 2000);
    CHECK(far.kl_rev_nats == 2000);
    CHECK(far.tv == 1);
    CHECK(far.js_nats == qslip::math::ln2);
    CHECK(far.dp == -1);
    CHECK(compare_position(row{0, -inf}, row{0, -inf}).margin_nats ==
          std::numeric_limits<double>::infinity());
}

TEST_CASE("mass beyond the true vocabulary") {
    const std::vector<float> padded{0, 0, 0, 0};
    CHECK(std::fabs(qslip::metrics::cut_mass(padded, 3) - 0.25) < 1e-15);
    CHECK(qslip::metrics::cut_mass(padded, 4) == 0);
    CHECK(qslip::metrics::cut_mass(std::vector<float>{0, 0, -inf}, 2) == 0);
    CHECK(std::isnan(qslip::metrics::cut_mass(padded, 0)));
}
