#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/metrics/token_flip.hpp>

#include <doctest/doctest.h>
#include <cmath>

using qslip::metrics::token_flips;

/// Flips drawn from Phi(-margin / sigma) over margins uniform in (0, 6).
static token_flips simulated(double sigma, std::uint64_t n) {
    const qslip::counter_rng rng(42);
    token_flips flips;
    for (std::uint64_t i = 0; i < n; ++i) {
        const double margin = 6 * (static_cast<double>(rng.index_at(2 * i, 1u << 30)) + 0.5) / (1u << 30);
        const double u = static_cast<double>(rng.index_at(2 * i + 1, 1u << 30)) / (1u << 30);
        flips.add(margin, u < qslip::stats::norm_cdf(-margin / sigma));
    }
    return flips;
}

TEST_CASE("margins fall into their bins") {
    token_flips f;
    const double margins[] = {
        0, 1e-300, .0499, .05, .1, .25, .5, 1, 2, 3.999, 4, 1e9, std::numeric_limits<double>::infinity()};
    const std::size_t want[] = {1, 2, 1, 1, 1, 1, 1, 2, 3};
    for (const double m : margins) f.add(m, m >= 2);
    const auto bins = f.bins();
    for (std::size_t i = 0; i < bins.size(); ++i) CHECK(bins[i].n == want[i]);
    CHECK(f.n() == 13);
    CHECK(f.flips() == 5);
    CHECK(bins[8].lo_nats == 4);
    CHECK(bins[8].hi_nats == std::numeric_limits<double>::infinity());
    CHECK(bins[1].lo_nats == 0);
    CHECK(bins[8].share_of_flips == doctest::Approx(.6));
    CHECK(bins[8].rate == 1);
    CHECK(bins[0].bounds.lower == 0);
}

TEST_CASE("bins carry Wilson bounds") {
    token_flips f;
    for (int i = 0; i < 100; ++i) f.add(.3, i < 3);
    const auto bin = f.bins()[4];
    CHECK(std::fabs(bin.bounds.upper - .072710343287) < 1e-11);
    CHECK(std::fabs(bin.bounds.lower - .012051814249) < 1e-11);
}

TEST_CASE("the noise fit finds the scale that caused the flips") {
    for (const double sigma : {.05, .2, .7, 2.0}) {
        const auto fit = simulated(sigma, 200000).fit_noise().value();
        CHECK(std::fabs(fit.sigma_nats / sigma - 1) < .03);
        CHECK(std::fabs(fit.excess_2_to_4) < 4 * std::sqrt(200000 / 3.0 * .2));
    }
}

TEST_CASE("flips no noise explains are an excess") {
    auto flips = simulated(.2, 100000);
    for (int i = 0; i < 50; ++i) flips.add(5, true);
    const auto fit = flips.fit_noise().value();
    CHECK(std::fabs(fit.sigma_nats / .2 - 1) < .03);
    CHECK(fit.excess_4_and_more == doctest::Approx(50).epsilon(1e-6));
}

TEST_CASE("the ends of the fit") {
    token_flips none;
    CHECK_FALSE(none.fit_noise().has_value());
    none.add(0, true);
    none.add(9, true);
    CHECK_FALSE(none.fit_noise().has_value());
    for (int i = 0; i < 10; ++i) none.add(1, false);
    CHECK(none.fit_noise()->sigma_nats == 0);
    CHECK(none.fit_noise()->excess_4_and_more == 1);
}
