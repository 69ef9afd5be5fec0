// Golden values of the statistics; the letters name the cases.
#include <qslip/detail/stats/bootstrap.hpp>
#include <qslip/detail/stats/multiplicity.hpp>
#include <qslip/detail/stats/paired.hpp>
#include <qslip/detail/stats/sample_size.hpp>
#include <qslip/detail/stats/scores.hpp>

#include <doctest/doctest.h>
#include <map>
#include <set>
#include <support/near.hpp>

using namespace qslip;
using namespace qslip::stats;
using qslip_test::near;

static paired_summary singletons(std::uint64_t n, std::uint64_t b, std::uint64_t c) {
    std::vector<paired_cluster> rows(n);
    for (std::uint64_t i = 0; i < n; ++i) rows[i] = {i, 1, i < b, i >= b && i < b + c};
    return summarize_paired(rows).value();
}

TEST_CASE("B3: the counter generator") {
    const counter_rng rng(42);
    CHECK(rng.at(0) == 0xbdd732262feb6e95u);
    CHECK(rng.at(1) == 0x28efe333b266f103u);
    CHECK(rng.at(2) == 0x47526757130f9f52u);
    const std::vector<std::uint64_t> expected{3, 0, 1, 1, 0, 4, 1, 4, 1, 3};
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(rng.index_at(i, 5) == expected[i]);
}

TEST_CASE("C1: 9 regressions and 2 recoveries in 200") {
    const auto p = mcnemar(9, 2);
    CHECK(near(p.one_sided, 0.03271484375));
    CHECK(near(p.mid, 0.01928710937500));
    CHECK(near(p.two_sided, 0.0654296875));
    const auto s = singletons(200, 9, 2);
    CHECK(near(s.delta(), 0.035));
    CHECK(s.deff == 1.0);
    const auto bounds = verdict_bounds(s, 0.05, 0.05);
    CHECK(near(bounds.lower, 0.008841961639886223));
    CHECK(near(bounds.upper, 0.06715944939365646));
    CHECK(near(s.score().statistic(0.05), -0.8416442443993238));
    CHECK(near(p_pass(s, 0.10).value(), 0.00197679497, 1e-11));
    CHECK(near(p_fail(s, 0.005).value(), 0.0317278731, 1e-10));
}

TEST_CASE("C2: 12 and 10 in 1500") {
    const auto s = singletons(1500, 12, 10);
    CHECK(near(mcnemar(12, 10).one_sided, 0.4159059524536133));
    CHECK(near(mcnemar(12, 10).mid, 0.33881974220275884));
    CHECK(near(mcnemar(12, 10).two_sided, 0.8318119049072266));
    const auto bounds = verdict_bounds(s, 0.05, 0.05);
    CHECK(near(bounds.lower, -0.00403613143805574));
    CHECK(near(bounds.upper, 0.006841727595778231));
    CHECK(near(p_pass(s, 0.01).value(), 0.007486962, 1e-9));
}

TEST_CASE("C3: agreement on few items is weak evidence") {
    const std::map<int, double> upper{{10, 0.21294197008340773},   {30, 0.0827243081252432},
                                      {100, 0.026342720783187498}, {268, 0.009994414667589555},
                                      {269, 0.00995763067510808},  {500, 0.005381964630085542}};
    for (const auto& [n, u] : upper) CHECK(near(tango{0, 0, double(n)}.upper(z_upper(0.05)), u));
    CHECK(near(p_pass(singletons(268, 0, 0), 0.01).value(), 0.0676444472, 1e-10));
    CHECK(near(p_pass(singletons(299, 0, 0), 0.01).value(), 0.0495362566, 1e-10));
    CHECK(mcnemar(0, 0).one_sided == 1.0);
    CHECK(tango{7, 0, 7}.upper(1.6) == 1.0);
    CHECK(tango{0, 7, 7}.lower(1.6) == -1.0);
    CHECK(tango{0, 0, 7}.statistic(0) == 0.0);
}

TEST_CASE("C4: clusters of rows that break together") {
    std::vector<paired_cluster> g(40);
    for (std::uint64_t i = 0; i < 40; ++i) g[i] = {i, 5, 0, 0};
    g[0].b = 1, g[1].b = 2, g[2].b = 1, g[3].c = 1, g[4].c = 1;
    const auto s = summarize_paired(g).value();
    CHECK(near(s.damage.se, 0.014232501627, 1e-12));
    CHECK(near(s.deff_observed, 1.348169110711, 1e-12));
    CHECK(near(s.deff, 3.174084555355, 1e-12));
    CHECK(near(s.score().statistic(0.08), -3.412923447883, 1e-12));
    const auto p = p_pass(s, 0.08);
    CHECK(near(p.score, 0.0313807375, 1e-10));
    CHECK(near(p.cluster, 8.1006e-6, 1e-10));
    CHECK(near(p.exact, 0.0188883039, 1e-10));
    CHECK(p.value() == p.score);
}

TEST_CASE("D1, D2: Wilson and Clopper-Pearson") {
    const double z = z_upper(0.05);
    CHECK(near(wilson(0, 30, z).upper, 0.08272430812509929));
    CHECK(wilson(0, 30, z).lower == 0.0);
    CHECK(near(wilson(3, 100, z).lower, 0.012051814249279914));
    CHECK(near(wilson(3, 100, z).upper, 0.07271034328690396));
    CHECK(near(wilson(97, 100, z).lower, 0.927289656713096));
    CHECK(near(wilson(10, 10, z_upper(0.025)).lower, 0.7224672001371107));
    CHECK(near(clopper_pearson(0, 30, 0.05).upper, 0.09503385285530411));
    CHECK(near(clopper_pearson(3, 100, 0.05).lower, 0.008225829107652688));
    CHECK(near(clopper_pearson(3, 100, 0.05).upper, 0.07571079374983004));
    CHECK(near(clopper_pearson(97, 100, 0.05).lower, 0.92428920625017));
    CHECK(near(clopper_pearson(97, 100, 0.05).upper, 0.9917741708923473));
    CHECK(clopper_pearson(0, 298, 0.05).upper > 0.01);
    CHECK(clopper_pearson(0, 299, 0.05).upper < 0.01);
    CHECK(n_floor(0.005, 0.05) == 598);
    CHECK(n_floor(0.01, 0.05) == 299);
    CHECK(n_floor(0.02, 0.05) == 149);
    CHECK(n_floor(0.05, 0.05) == 59);
}

TEST_CASE("E1: ratio mean, cluster-robust error, exhaustive bootstrap") {
    const std::vector<cluster_sum> g{{0, 2, 2}, {1, 3, 3}, {2, 1, 0}, {3, 4, 1}, {4, 2, 0}};
    const auto mean = cluster_ratio(g).value();
    CHECK(near(mean.mean, 0.5));
    CHECK(near(mean.se, 0.21850184336878156));
    const double iid = se_iid(12, 6, 6);
    CHECK(near(iid, 0.15075567228888181));
    CHECK(near(mean.se * mean.se / (iid * iid), 2.100694444444444));
    CHECK(near(mean.bounds(0.05).upper, 0.9658124525921858));
    const auto boot = cluster_bootstrap(g, 1).value();
    CHECK(boot.replicates.size() == 3125);
    CHECK(std::set<double>(boot.replicates.begin(), boot.replicates.end()).size() == 71);
    CHECK(near(boot.percentile(0.05).lower, 1.0 / 6));
    CHECK(near(boot.percentile(0.05).upper, 5.0 / 6));
    CHECK(near(boot.z0, 0.0324916184628315));
    CHECK(near(boot.acceleration, 0.027177327532820816));
    CHECK(near(boot.bca(0.05).lower, 0.2));
    CHECK(near(boot.bca(0.05).upper, 0.857142857142857));
}

TEST_CASE("E2: perplexity ratio") {
    const std::vector<cluster_sum> g{{0, 2, 0.375}, {1, 3, 0.25}};
    const auto ratio = cluster_ratio(g).value();
    CHECK(near(ratio.mean, 0.125));
    CHECK(near(stats::exp(ratio.mean), 1.1331484530668263));
    CHECK(near(ratio.se, 0.05));
}

TEST_CASE("F1: Holm and Benjamini-Hochberg, in any order") {
    const std::vector<double> p{0.014, 0.35, 0.001, 0.19, 0.013};
    const std::vector<double> by_holm{0.052, 0.38, 0.005, 0.38, 0.052};
    const std::vector<double> by_bh{0.07 / 3, 0.35, 0.005, 0.2375, 0.07 / 3};
    for (std::size_t i = 0; i < p.size(); ++i) {
        CHECK(near(holm(p)[i], by_holm[i]));
        CHECK(near(benjamini_hochberg(p)[i], by_bh[i]));
    }
}

TEST_CASE("G1: pairs needed") {
    const std::map<double, std::vector<double>> table{{0.005, {7068, 17214, 34294, 68526}},
                                                      {0.01, {1901, 4366, 8602, 17143}},
                                                      {0.02, {563, 1146, 2178, 4297}},
                                                      {0.05, {134, 222, 374, 699}}};
    const double psi[] = {0.02, 0.05, 0.10, 0.20};
    for (const auto& [m, row] : table)
        for (std::size_t i = 0; i < 4; ++i) CHECK(n_needed({.budget = m, .psi = psi[i]}) == row[i]);
    const double many[] = {71313, 17870, 4507, 758};
    std::size_t i = 0;
    for (const auto& [m, row] : table)
        CHECK(n_needed({.budget = m, .power = power_per_cell(0.9, 20)}) == many[i++]);
    CHECK_FALSE(n_needed({.budget = 0.02, .delta = 0.02}).has_value());
    CHECK(n_needed({.budget = 0.05, .delta = 0.02}).value() > 374);
}

TEST_CASE("G2: exact power and size of the Tango test") {
    const auto power = exact_pass_probability(1071, 0, 0.05, 0.02, 0.05, pass_rule::tango_only);
    const auto size = exact_pass_probability(1071, 0.02, 0.05, 0.02, 0.05, pass_rule::tango_only);
    CHECK(near(power, 0.8892948846676716));
    CHECK(near(size, 0.04873155243308801));
    const double large = exact_pass_probability(20000, 0, 0.10, 0.01, 0.05);
    CHECK(large > 0.99);
}

TEST_CASE("N2: more of the same evidence moves the statistic away from zero") {
    const double at_05[] = {-0.8416442443993238, -1.1902647051227797, -1.6832884887986477,
                            -2.3805294102455594};
    const double at_02[] = {0.9607845375881235, 1.358754523575487, 1.921569075176247, 2.717509047150974};
    for (int i = 0, k = 1; i < 4; ++i, k *= 2) {
        const tango t{9.0 * k, 2.0 * k, 200.0 * k};
        CHECK(near(t.statistic(0.05), at_05[i]));
        CHECK(near(t.statistic(0.02), at_02[i]));
    }
}
