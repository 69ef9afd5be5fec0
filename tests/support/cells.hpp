#pragma once
#include <qslip/detail/gates/decision.hpp>

#include <array>
#include <vector>

namespace qslip_test {

/// One row per cluster: the four cells of a paired table, ids in that order.
inline qslip::paired_evidence singleton_rows(std::uint64_t n11, std::uint64_t n10, std::uint64_t n01,
                                             std::uint64_t n00) {
    qslip::paired_evidence out;
    out.clusters.reserve(n11 + n10 + n01 + n00);
    std::uint64_t id = 0;
    for (std::uint64_t i = 0; i < n11; ++i) out.clusters.push_back({.id = id++, .n11 = 1});
    for (std::uint64_t i = 0; i < n10; ++i) out.clusters.push_back({.id = id++, .n10 = 1});
    for (std::uint64_t i = 0; i < n01; ++i) out.clusters.push_back({.id = id++, .n01 = 1});
    for (std::uint64_t i = 0; i < n00; ++i) out.clusters.push_back({.id = id++, .n00 = 1});
    return out;
}

/// A gate over n rows of one cluster each: b lost, c won, the rest right in both arms.
inline qslip::cell_input binary_cell(std::uint64_t n, std::uint64_t b, std::uint64_t c, double budget) {
    qslip::cell_input in;
    in.plan = {"s", "task_correct", qslip::cell_role::gate, {.budget = budget}, 0};
    in.evidence = singleton_rows(n - b - c, b, c, 0);
    return in;
}

inline qslip::cell_report decide_one(const qslip::cell_input& in, const qslip::release_policy& policy = {}) {
    return qslip::decide_release(std::span(&in, 1), policy).value().cells.front();
}

}  // namespace qslip_test
