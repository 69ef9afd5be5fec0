// Properties of docs/method.md 7 on seeded random cells, and the cost of a verdict.
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/gates/decision.hpp>

#include <doctest/doctest.h>
#include <chrono>
#include <cstdio>
#include <support/cells.hpp>

using namespace qslip;
using namespace qslip_test;

namespace {

class dice {
public:
    explicit dice(std::uint64_t seed) : rng_(seed) {}
    std::uint64_t below(std::uint64_t n) { return rng_.index_at(next_++, n); }

private:
    counter_rng rng_;
    std::uint64_t next_ = 0;
};

/// FAIL < INCONCLUSIVE < PASS.
int rank_of(verdict v) { return v == verdict::pass ? 2 : v == verdict::inconclusive ? 1 : 0; }

struct table {
    std::uint64_t n11, n10, n01, n00;
};

cell_report decide_table(const table& t, double budget) {
    auto in = binary_cell(0, 0, 0, budget);
    in.evidence = singleton_rows(t.n11, t.n10, t.n01, t.n00);
    return decide_one(in);
}

constexpr double budgets[] = {0.005, 0.01, 0.02, 0.05, 0.10, 0.20};

table random_table(dice& d) {
    const std::uint64_t n11 = 20 + d.below(600);
    return {n11, d.below(2 + n11 / 5), d.below(2 + n11 / 8), d.below(200)};
}

/// Every number of a report, bit for bit.
std::string bytes_of(const release_report& report) {
    std::string out = name_of(report.verdict);
    char text[64];
    const auto number = [&](std::optional<double> x) {
        std::snprintf(text, sizeof text, " %a", x.value_or(-99));
        out += text;
    };
    for (const auto& c : report.cells) {
        out += c.slice + c.metric + name_of(c.state) + name_of(c.why) + c.interval_method;
        for (const auto& x :
             {c.base, c.cand, c.delta, c.lower, c.upper, c.p_pass, c.p_fail, c.p_fail_adjusted, c.p_damage,
              c.detectable_effect, c.n_needed, c.n_needed_observed})
            number(x);
        for (const double x : {c.effective_clusters, c.design_effect, double(c.n), double(c.newly_broken),
                               double(c.newly_fixed), double(c.clusters)})
            number(x);
    }
    return out;
}

paired_evidence random_clusters(dice& d, std::uint64_t n_clusters) {
    paired_evidence out;
    for (std::uint64_t i = 0; i < n_clusters; ++i) {
        const auto n10 = d.below(6) == 0 ? 1 + d.below(3) : 0, n01 = d.below(8) == 0 ? 1 + d.below(2) : 0;
        out.clusters.push_back({i * 7919, 1 + d.below(5), n10, n01, d.below(3)});
    }
    return out;
}

template <class T>
void shuffle(std::vector<T>& list, dice& d) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[d.below(i)]);
}

}  // namespace

TEST_CASE("a candidate answer that turns wrong never helps, one that turns right never hurts") {
    dice d(1);
    int moved = 0;
    for (int round = 0; round < 1500; ++round) {
        const auto t = random_table(d);
        const double m = budgets[d.below(6)];
        const int here = rank_of(decide_table(t, m).state);
        const int worse = rank_of(decide_table({t.n11 - 1, t.n10 + 1, t.n01, t.n00}, m).state);
        INFO("n11 " << t.n11 << " b " << t.n10 << " c " << t.n01 << " n00 " << t.n00 << " m " << m);
        CHECK(worse <= here);
        moved += worse != here;
        if (t.n00 == 0) continue;
        const int better = rank_of(decide_table({t.n11, t.n10, t.n01 + 1, t.n00 - 1}, m).state);
        CHECK(better >= here);
    }
    CHECK(moved > 5);  // the walk does cross verdicts
}

TEST_CASE("walking from no damage to total damage crosses PASS, INCONCLUSIVE, FAIL once each") {
    for (const double m : budgets) {
        int last = 2, n_changes = 0;
        for (std::uint64_t b = 0; b <= 1500; b += 3) {
            const int now = rank_of(decide_table({1500 - b, b, 0, 0}, m).state);
            CHECK(now <= last);
            n_changes += now != last;
            last = now;
        }
        CHECK(n_changes == 2);
        CHECK(last == 0);
    }
}

TEST_CASE("k times the same evidence moves towards what it says") {
    dice d(2);
    for (int round = 0; round < 500; ++round) {
        const auto t = random_table(d);
        const double m = budgets[d.below(6)];
        const auto one = decide_table(t, m);
        for (const std::uint64_t k : {2u, 3u, 7u}) {
            const auto many = decide_table({k * t.n11, k * t.n10, k * t.n01, k * t.n00}, m);
            INFO("n11 " << t.n11 << " b " << t.n10 << " c " << t.n01 << " n00 " << t.n00 << " m " << m
                        << " k " << k);
            if (*one.delta < m) CHECK(rank_of(many.state) >= rank_of(one.state));
            if (*one.delta > m) CHECK(rank_of(many.state) <= rank_of(one.state));
        }
    }
}

TEST_CASE("clustered cells: a cluster that loses an answer instead of winning one never helps") {
    for (std::uint64_t b = 0; b < 60; ++b) {
        const auto report = [&](std::uint64_t lost) {
            auto in = binary_cell(0, 0, 0, 0.05);
            auto& g = std::get<paired_evidence>(in.evidence).clusters;
            for (std::uint64_t i = 0; i < 300; ++i)
                g.push_back(i < lost ? paired_rows{i, 3, 1, 0, 0}
                            : i < 60 ? paired_rows{i, 3, 0, 1, 0}
                                     : paired_rows{i, 4, 0, 0, 0});
            return decide_one(in);
        };
        CHECK(rank_of(report(b + 1).state) <= rank_of(report(b).state));
    }
}

TEST_CASE("the order of clusters and cells changes no byte") {
    dice d(3);
    for (int round = 0; round < 30; ++round) {
        std::vector<cell_input> cells;
        for (const char* slice : {"a", "b", "c"}) {
            auto in = binary_cell(0, 0, 0, 0.05);
            in.plan.slice = slice;
            in.evidence = random_clusters(d, 30 + d.below(200));
            cells.push_back(in);
        }
        score_evidence scores;
        for (std::uint64_t i = 0; i < 60; ++i) {
            const double x = static_cast<double>(d.below(1000)) * 1.1e-3 - 0.5;
            scores.damage.push_back({i, 1, x, x * x});
        }
        cells.push_back(cells[0]);
        cells[3].plan.metric = "score";
        cells[3].evidence = scores;
        const auto before = decide_release(cells).value();
        for (auto& in : cells) {
            if (auto* pairs = std::get_if<paired_evidence>(&in.evidence)) shuffle(pairs->clusters, d);
            if (auto* sums = std::get_if<score_evidence>(&in.evidence)) shuffle(sums->damage, d);
        }
        CHECK(bytes_of(decide_release(cells).value()) == bytes_of(before));
        std::swap(cells[0], cells[2]);
        auto after = decide_release(cells).value();
        std::swap(after.cells[0], after.cells[2]);
        CHECK(bytes_of(after) == bytes_of(before));
    }
}

TEST_CASE("deleting data never yields PASS") {
    dice d(4);
    for (int round = 0; round < 200; ++round) {
        auto in = binary_cell(0, 0, 0, budgets[d.below(6)]);
        in.evidence = random_clusters(d, 400);
        auto other = binary_cell(3000, 0, 0, 0.05);
        other.plan.slice = "other";
        const auto before = decide_release(std::vector{in, other}).value();
        in.evidence = paired_evidence{};
        const auto after = decide_release(std::vector{in, other}).value();
        CHECK(after.cells[0].state != verdict::pass);
        CHECK(after.verdict != verdict::pass);
        if (before.verdict != verdict::pass) continue;
        CHECK(decide_release(std::vector{other}, {.missing_slices = {"s"}}).value().verdict != verdict::pass);
    }
}

TEST_CASE("a verdict over 10^4 clusters takes milliseconds") {
    auto clustered = binary_cell(0, 0, 0, 0.05);
    dice d(5);
    clustered.evidence = random_clusters(d, 10000);
    const auto singletons = binary_cell(10000, 300, 200, 0.05);
    for (const auto& [name, in] : {std::pair{"one row each", &singletons}, {"clustered", &clustered}}) {
        const auto start = std::chrono::steady_clock::now();
        const auto report = decide_one(*in);
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
        std::printf("verdict over 10^4 clusters, %s: %.2f ms\n", name, spent.count());
        CHECK(report.clusters == 10000);
        CHECK(spent.count() < 200);
    }
}
