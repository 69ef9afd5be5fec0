// The Tango score: against a numeric maximum of the likelihood, monotone on a grid, exact sizes.
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/stats/paired.hpp>
#include <qslip/detail/stats/sample_size.hpp>

#include <doctest/doctest.h>
#include <cstdio>
#include <support/near.hpp>

using namespace qslip::stats;
using qslip_test::near;

namespace {

double log_or_zero(double count, double p) {
    if (count == 0) return 0;
    return p > 0 ? count * qslip::stats::log(p) : -1e300;
}

/// argmax over q of the trinomial likelihood at difference d, by golden-section search.
double likelihood_argmax(const tango& t, double d) {
    const auto value = [&](double q) {
        return log_or_zero(t.b, q + d) + log_or_zero(t.c, q) + log_or_zero(t.n - t.b - t.c, 1 - 2 * q - d);
    };
    double lo = std::max(0.0, -d), hi = (1 - d) / 2;
    for (int i = 0; i < 200; ++i) {
        const double third = (hi - lo) / 3;
        (value(lo + third) < value(hi - third) ? lo : hi) =
            value(lo + third) < value(hi - third) ? lo + third : hi - third;
    }
    return 0.5 * (lo + hi);
}

/// Largest P(PASS) over the flip share at a true damage equal to the budget.
double worst_size(std::uint64_t n, double budget, pass_rule rule) {
    double worst = 0;
    for (double psi = budget; psi <= 0.5; psi = psi * 1.25 + 1e-4)
        worst = std::max(worst, exact_pass_probability(n, budget, psi, budget, 0.05, rule));
    return worst;
}

}  // namespace

TEST_CASE("the constrained estimate maximizes the likelihood") {
    for (const auto& t :
         {tango{9, 2, 200}, tango{0, 3, 40}, tango{5, 0, 40}, tango{30, 30, 61}, tango{1, 1, 2}})
        for (const double d : {-0.4, -0.05, 0.01, 0.05, 0.3, 0.8}) {
            INFO("b " << t.b << " c " << t.c << " n " << t.n << " d " << d);
            CHECK(std::fabs(t.q(d) - likelihood_argmax(t, d)) < 2e-7);
        }
    CHECK(near(tango{9, 2, 200}.q(0.05), 0.008013284346209855));
}

TEST_CASE("T rises with b, falls with c and with the difference: whole grid to n = 24") {
    for (int n = 1; n <= 24; ++n)
        for (const double d : {-0.3, 0.0, 0.005, 0.02, 0.05, 0.1, 0.25, 0.6})
            for (int b = 0; b <= n; ++b)
                for (int c = 0; b + c <= n; ++c) {
                    const double here = tango{double(b), double(c), double(n)}.statistic(d);
                    REQUIRE_FALSE(std::isnan(here));
                    if (b + c == n) continue;
                    REQUIRE(tango{b + 1.0, double(c), double(n)}.statistic(d) >= here);
                    REQUIRE(tango{double(b), c + 1.0, double(n)}.statistic(d) <= here);
                    REQUIRE(tango{double(b), double(c), double(n)}.statistic(d + 0.01) <= here);
                }
}

TEST_CASE("bounds solve T = -z and T = +z") {
    const double z = z_upper(0.05);
    for (const auto& t : {tango{9, 2, 200}, tango{0, 0, 30}, tango{0, 5, 17}, tango{3, 3, 1e6}}) {
        CHECK(near(t.statistic(t.upper(z)), -z, 1e-6));
        CHECK(near(t.statistic(t.lower(z)), z, 1e-6));
    }
    for (const double n : {1., 7., 300., 1e9}) CHECK(near(tango{0, 0, n}.upper(z), z * z / (n + z * z)));
}

TEST_CASE("U and L invert p_pass and p_fail") {
    qslip::counter_rng rng(7);
    std::uint64_t draw = 0;
    for (int round = 0; round < 60; ++round) {
        std::vector<paired_cluster> g(40);
        const std::uint64_t size = round % 3 == 0 ? 1 : 1 + rng.index_at(draw++, 9);
        for (std::uint64_t i = 0; i < g.size(); ++i) {
            const auto b = rng.index_at(draw++, 8) == 0 ? 1 + rng.index_at(draw++, size) : 0;
            const auto c = rng.index_at(draw++, 11) == 0 ? rng.index_at(draw++, size - b + 1) : 0;
            g[i] = {i, size, b, c};
        }
        const auto s = summarize_paired(g).value();
        const auto bounds = verdict_bounds(s, 0.05, 0.05);
        INFO("b " << s.b << " c " << s.c << " n " << s.n << " U " << bounds.upper << " L " << bounds.lower);
        CHECK(p_pass(s, bounds.upper + 1e-9).value() <= 0.05);
        CHECK(p_pass(s, bounds.upper - 1e-9).value() > 0.05);
        CHECK(p_fail(s, bounds.lower + 1e-9).value() > 0.05);
        CHECK(p_fail(s, bounds.lower - 1e-9).value() <= 0.05);
    }
}

TEST_CASE("exact size of each PASS rule") {
    std::printf("exact size at true damage = budget, alpha .05, worst flip share:\n");
    std::printf("     n  budget  tango only  verdict rule\n");
    for (const auto& [n, m] : {std::pair<std::uint64_t, double>{149, .02},
                               {374, .05},
                               {200, .10},
                               {1071, .02},
                               {2178, .02},
                               {4366, .01}}) {
        const double raw = worst_size(n, m, pass_rule::tango_only),
                     used = worst_size(n, m, pass_rule::verdict);
        std::printf("%6llu  %6.3f      %.4f        %.4f\n", static_cast<unsigned long long>(n), m, raw, used);
        CHECK(used <= raw);
        CHECK(used <= 0.055);
    }
}

TEST_CASE("exact power equals a plain sum over all tables") {
    const double n = 60, psi = 0.2, delta = 0.03, m = 0.15, z = z_upper(0.05);
    double sum = 0;
    for (double x = 0; x <= n; ++x)
        for (double b = 0; b <= x; ++b) {
            const tango t{b, x - b, n};
            const bool exact_ok = b < x - b || binom_tails(b - t.c, n, m).lower <= 0.05;
            if (t.statistic(m) <= -z && exact_ok)
                sum += binom_pmf(x, n, psi) * binom_pmf(b, x, 0.5 * (1 + delta / psi));
        }
    CHECK(near(exact_pass_probability(60, delta, psi, m, 0.05), sum, 1e-12));
}

TEST_CASE("clusters needed: the smallest number that is enough") {
    const plan p{.budget = 0.05, .psi = 0.1};
    CHECK(clusters_needed(p, {}) == n_needed(p));
    double last = 0;
    for (const double rho : {0.0, 0.1, 0.5, 1.0}) {
        const auto g = clusters_needed(p, {.rows_per_cluster = 4, .mean_size = 4, .rho = rho});
        REQUIRE(g.has_value());
        CHECK(*g * 4 >= *n_needed(p));
        CHECK(*g >= last);
        last = *g;
    }
    CHECK(*clusters_needed({.budget = 0.4}, {.rows_per_cluster = 50, .mean_size = 50}) >= 30);
    CHECK(guard_budget(200, {.power = power_per_cell(0.9, 20)}) == 0.12);  // 210 rows needed for .10
    CHECK_FALSE(guard_budget(3, {}).has_value());
}
