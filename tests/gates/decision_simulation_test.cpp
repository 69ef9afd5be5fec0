// The error rates of docs/method.md 13, by seeded simulation. QSLIP_LONG=1 runs 20 times as many.
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/gates/decision.hpp>

#include <doctest/doctest.h>
#include <cstdio>
#include <cstdlib>
#include <support/cells.hpp>

using namespace qslip;
using namespace qslip_test;

namespace {

int repeats(int n) {
    static const bool is_long = std::getenv("QSLIP_LONG") != nullptr;
    return is_long ? 20 * n : n;
}

class dice {
public:
    explicit dice(std::uint64_t seed) : rng_(seed) {}
    double uniform() { return static_cast<double>(rng_.at(next_++) >> 11) * 0x1p-53; }

private:
    counter_rng rng_;
    std::uint64_t next_ = 0;
};

/// A row is lost (b), won (c) or unmoved. Flip share psi, damage delta.
struct truth {
    double psi;
    double delta;

    int draw(dice& d) const {
        const double u = d.uniform(), lost = 0.5 * (psi + delta);
        return u < lost ? 1 : u < psi ? -1 : 0;
    }
};

/// Rows of one cluster: with probability icc they all share one draw, else each has its own.
stats::paired_cluster draw_cluster(dice& d, const truth& t, std::uint64_t id, std::uint64_t size,
                                   double icc) {
    stats::paired_cluster g{id, size, 0, 0};
    const bool together = d.uniform() < icc;
    int move = t.draw(d);
    for (std::uint64_t i = 0; i < size; ++i) {
        if (i > 0 && !together) move = t.draw(d);
        g.b += move > 0;
        g.c += move < 0;
    }
    return g;
}

stats::paired_summary draw_cell(dice& d, const truth& t, std::uint64_t n_clusters, std::uint64_t size,
                                double icc) {
    std::vector<stats::paired_cluster> clusters(n_clusters);
    for (std::uint64_t i = 0; i < n_clusters; ++i) clusters[i] = draw_cluster(d, t, i, size, icc);
    return stats::summarize_paired(clusters).value();
}

bool ships(const stats::paired_summary& s, double m) {
    return stats::p_pass(s, m).value() <= 0.05 && s.n >= stats::n_floor(m, 0.05) && s.damage.g_eff >= 30;
}

cell_input draw_gate(dice& d, const truth& t, std::uint64_t n, double m, const char* metric, int index) {
    std::uint64_t b = 0, c = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
        const int move = t.draw(d);
        b += move > 0;
        c += move < 0;
    }
    auto in = binary_cell(n, b, c, m);
    in.plan.slice = std::to_string(index);
    in.plan.metric = metric;
    return in;
}

}  // namespace

TEST_CASE("false ship per cell at damage = budget") {
    dice d(11);
    std::printf("false ship at damage = budget .05 (12.11 allows .055 .055 .065 .09):\n");
    for (const auto& [icc, limit] : {std::pair{0.0, 0.055}, {0.1, 0.055}, {0.3, 0.065}, {0.6, 0.09}})
        for (const auto& [n_clusters, size] :
             {std::pair<std::uint64_t, std::uint64_t>{60, 5}, {150, 5}, {300, 1}}) {
            if (size == 1 && icc > 0) continue;
            for (const double psi : {0.07, 0.15}) {
                const int n = repeats(3000);
                int shipped = 0;
                for (int i = 0; i < n; ++i)
                    shipped += ships(draw_cell(d, {psi, 0.05}, n_clusters, size, icc), 0.05);
                const double rate = static_cast<double>(shipped) / n;
                std::printf("  icc %.1f, %3d clusters of %d, flips %.2f: %.4f\n", icc,
                            static_cast<int>(n_clusters), static_cast<int>(size), psi, rate);
                CHECK(rate <= limit);
            }
        }
}

TEST_CASE("false block of a release whose every cell sits at its budget") {
    dice d(12);
    for (const int n_cells : {1, 10, 100}) {
        const int n = repeats(n_cells == 1 ? 6000 : n_cells == 10 ? 1500 : 400);
        int blocked = 0;
        for (int i = 0; i < n; ++i) {
            double least = 1;  // Holm blocks somebody iff the least p does
            for (int k = 0; k < n_cells; ++k)
                least = std::min(least, stats::p_fail(draw_cell(d, {0.12, 0.05}, 300, 1, 0), 0.05).value());
            blocked += least * n_cells <= 0.05;
        }
        const double rate = static_cast<double>(blocked) / n;
        std::printf("false block at damage = budget, %3d cells: %.4f\n", n_cells, rate);
        CHECK(rate <= 0.055);
    }
}

TEST_CASE("an innocent release of planned cells ships") {
    dice d(13);
    const double power = stats::power_per_cell(0.9, 20);
    const auto n_rows =
        static_cast<std::uint64_t>(*stats::n_needed({.budget = 0.05, .power = power, .psi = 0.1}));
    const int n = repeats(150);
    int passed = 0;
    for (int i = 0; i < n; ++i) {
        std::vector<cell_input> cells;
        for (int k = 0; k < 20; ++k) cells.push_back(draw_gate(d, {0.1, 0}, n_rows, 0.05, "task_correct", k));
        passed += decide_release(cells).value().verdict == verdict::pass;
    }
    std::printf("innocent release, 20 gates of %d rows: PASS in %.3f of runs\n", static_cast<int>(n_rows),
                static_cast<double>(passed) / n);
    CHECK(passed >= 0.9 * n);
}

TEST_CASE("thin slices as guards under one pooled gate (12.9)") {
    dice d(14);
    const int n = repeats(60);
    int guarded = 0, gates_only = 0;
    for (int i = 0; i < n; ++i) {
        std::vector<cell_input> cells;
        std::uint64_t b = 0, c = 0;
        for (int k = 0; k < 20; ++k) {
            cells.push_back(draw_gate(d, {0.1, 0}, 200, 0.10, "task_correct", k));
            const auto one = decide_one(cells.back());
            b += one.newly_broken;
            c += one.newly_fixed;
            cells.back().plan.role = cell_role::guard;
        }
        cells.push_back(binary_cell(4000, b, c, 0.02));
        guarded += decide_release(cells).value().verdict == verdict::pass;
        cells.pop_back();
        for (auto& in : cells) in.plan.gate.budget = 0.02;
        gates_only += decide_release(cells).value().verdict == verdict::pass;
    }
    std::printf("20 slices of 200: PASS in %.3f of runs as guards + pooled gate, %.3f as gates alone\n",
                static_cast<double>(guarded) / n, static_cast<double>(gates_only) / n);
    CHECK(guarded >= 0.85 * n);
    CHECK(gates_only == 0);
}
