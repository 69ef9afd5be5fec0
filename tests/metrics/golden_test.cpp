// Golden values A1-A8, B1, B2 of the metric specification: absolute 1e-12 or relative 1e-9; kl and js
// relative 1e-9 alone (A5, differences of 1e-16, relative 1e-6).
#include <qslip/detail/metrics/attention_entropy.hpp>
#include <qslip/detail/metrics/compare_position.hpp>
#include <qslip/detail/metrics/exact_sum.hpp>
#include <qslip/detail/metrics/sharpness.hpp>
#include <qslip/detail/metrics/sketch.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <vector>

using namespace qslip::metrics;
using row = std::vector<float>;

static constexpr float inf = std::numeric_limits<float>::infinity();

static bool relative(double got, double want, double tolerance = 1e-9) {
    return std::fabs(got - want) <= tolerance * std::fabs(want);
}
static bool near(double got, double want) { return std::fabs(got - want) <= 1e-12 || relative(got, want); }

TEST_CASE("A1: every metric of a small pair") {
    const row a{2, 1, 0, -1}, b{1.5f, 1.25f, .125f, -1};
    const auto v = compare_position(a, b, 0);
    CHECK(relative(v.kl_fwd_nats, 0.060105659451826));
    CHECK(relative(v.kl_rev_nats, 0.06225314044235847));
    CHECK(relative(v.js_nats, 0.015204820777559379));
    CHECK(near(v.tv, 0.17081590442292977));
    CHECK(near(v.entropy_base_nats, 0.9475369639754256));
    CHECK(near(v.entropy_cand_nats, 1.1021247553400995));
    CHECK(near(v.nll_base_nats, 0.44018969856119533));
    CHECK(near(v.nll_cand_nats, 0.7484519724342666));
    CHECK(near(v.dp, -0.1708159044229297));
    CHECK(v.margin_nats == 1);
    CHECK(v.top1_agrees());
    CHECK_FALSE(v.support_mismatch());
    CHECK(near(sharpness_of(a, b).head.value(), 0.661395581270514));
    CHECK_FALSE(sharpness_of(a, b).tail.has_value());
}

TEST_CASE("A2: a flip at a margin of a quarter nat") {
    const auto v = compare_position(row{1, .75f, 0, -1}, row{.875f, 1, 0, -1}, 0);
    CHECK_FALSE(v.top1_agrees());
    CHECK_FALSE(v.top1_tie);
    CHECK(v.margin_nats == .25);
    CHECK(relative(v.kl_fwd_nats, 0.013895147724213526));
    CHECK(relative(v.kl_rev_nats, 0.014113465297822644));
    CHECK(relative(v.js_nats, 0.0034958282119648006));
    CHECK(near(v.tv, 0.07788454048174859));
    CHECK(near(v.entropy_base_nats, 1.190196882672049));
    CHECK(near(v.entropy_cand_nats, 1.1833921077399645));
    CHECK(near(v.nll_base_nats, 0.8250590469818512));
    CHECK(near(v.nll_cand_nats, 0.9944974559325568));
    CHECK(near(v.dp, -0.06829982321279209));
}

TEST_CASE("A3: a mask both rows share changes nothing") {
    const auto v = compare_position(row{1, 0, -inf}, row{.5f, .25f, -inf}, 0);
    CHECK(relative(v.kl_fwd_nats, 0.06097166633312438));
    CHECK(relative(v.kl_rev_nats, 0.06568989197503068));
    CHECK(relative(v.js_nats, 0.015716204728547338));
    CHECK(near(v.tv, 0.16888207774420674));
    CHECK(near(v.dp, -0.16888207774420674));
    CHECK_FALSE(v.support_mismatch());
    CHECK(compare_position(row{1, 0, -inf}, row{.5f, .25f, -inf}, 2).target_masked);
}

TEST_CASE("A4: a mask of the candidate alone is an infinite KL") {
    const auto v = compare_position(row{1, 0, -1}, row{1, 0, -inf}, 0);
    CHECK(v.kl_fwd_nats == std::numeric_limits<double>::infinity());
    CHECK(v.kl_fwd_infinite);
    CHECK_FALSE(v.kl_rev_infinite);
    CHECK(relative(v.kl_rev_nats, 0.09434427692615749));
    CHECK(relative(v.js_nats, 0.032263559056146626));
    CHECK(near(v.tv, 0.09003057317038046));
    CHECK(near(v.entropy_cand_nats, 0.5822031088882179));
    CHECK(near(v.dp, 0.06581762285518296));
    const auto reverse = compare_position(row{1, 0, -inf}, row{1, 0, -1}, 0);
    CHECK(reverse.kl_rev_infinite);
    CHECK(relative(reverse.kl_fwd_nats, 0.09434427692615749));
    CHECK(relative(reverse.js_nats, 0.032263559056146626));
}

TEST_CASE("A5: divergences of 1e-16 keep their precision") {
    const auto v = compare_position(row{20, 0}, row{20.0009765625f, 0}, 0);
    CHECK(relative(v.kl_fwd_nats, 9.825147768384737e-16));
    CHECK(relative(v.kl_rev_nats, 9.821949998629888e-16));
    CHECK(relative(v.js_nats, 2.4558871233e-16, 1e-6));
    CHECK(relative(v.dp, 2.0118628113e-12, 1e-6));
    CHECK(relative(v.tv, 2.011862811343415e-12, 1e-6));
}

TEST_CASE("A6: a shift of all logits changes nothing at all") {
    const auto v = compare_position(row{2, 1, 0, -1}, row{5, 4, 3, 2}, 0);
    for (const double x : {v.kl_fwd_nats, v.kl_rev_nats, v.js_nats, v.tv, v.dp}) CHECK(x == 0);
}

TEST_CASE("A7, A8: sharpness and attention entropy") {
    CHECK(near(sharpness_of(row{2, 1, 0, -1}, row{1, .5f, 0, -.5f}).head.value(), .5));
    const auto base = attention_entropy(row{.7f, .1f, .1f, .1f}),
               cand = attention_entropy(row{.4f, .2f, .2f, .2f});
    // The rows are float32: 1e-7 is what their rounding leaves of the golden digits.
    CHECK(std::fabs(base->normalized_entropy - 0.6783898247235197) < 1e-7);
    CHECK(std::fabs(cand->normalized_entropy - 0.9609640474436812) < 1e-7);
    CHECK_FALSE(attention_entropy(row{.7f, .1f}).has_value());
    CHECK_FALSE(attention_entropy(row{1}).has_value());
    CHECK_FALSE(attention_entropy(row{2, -1}).has_value());
}

TEST_CASE("sharpness of the tail") {
    row a, b;
    for (int i = 0; i < 100; ++i) {
        a.push_back(static_cast<float>(-i) / 16);
        b.push_back(static_cast<float>(-i) / 8);
    }
    CHECK(near(sharpness_of(a, b).head.value(), 2));
    CHECK(near(sharpness_of(a, b).tail.value(), 2));
    CHECK_FALSE(sharpness_of(row(40, 0.5f), row(40, 1.f)).head.has_value());
}

TEST_CASE("B1: exact sums in 2^-52 units") {
    exact_sum f;
    const double values[] = {.1, .2, .3, 1e-7};
    const std::int64_t codes[] = {450359962737050, 900719925474099, 1351079888211149, 450359963};
    for (int i = 0; i < 4; ++i) {
        CHECK(detail::to_code(values[i], fx_values).code == codes[i]);
        f.add(values[i]);
    }
    CHECK(f.s1() == qslip::wide_int<2>(2702160226782261));
    __extension__ using u128 = unsigned __int128;
    const u128 s2 = (static_cast<u128>(f.s2().word[1]) << 64) | f.s2().word[0];
    const u128 want = static_cast<u128>(2839537344511437ull) * 1000000000000000ull + 223880843825871ull;
    CHECK(f.s2().word[2] == 0);
    CHECK((s2 == want));
    CHECK(near(f.variance(), .012499992500001871));
    CHECK(near(f.mean(), .150000025));
}

TEST_CASE("B2: buckets and quantiles of the sketch") {
    sketch s;
    const double values[] = {.001, .01, .02, .05, .1, .5, 1, 3};
    const int buckets[] = {-348, -232, -197, -151, -116, -35, 0, 56};
    for (int i = 0; i < 8; ++i) {
        CHECK(sketch::bucket(values[i]) == buckets[i]);
        s.add(values[i]);
    }
    CHECK(near(s.quantile(.5), .049779747589476515));
    CHECK(near(s.quantile(.9), .9900990099009901));
    CHECK(near(s.quantile(.99), .9900990099009901));
    CHECK(std::fabs(s.quantile(0) - .001) <= .0099 * .001);
    CHECK(s.quantile(1) == s.max());
}
