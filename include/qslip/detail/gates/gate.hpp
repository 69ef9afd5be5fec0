#pragma once
#include <qslip/detail/gates/decision.hpp>
#include <qslip/detail/metrics/paired_outcome.hpp>

#include <utility>

namespace qslip {

/// The outcomes as the decision takes them, cluster by cluster.
inline paired_evidence evidence_of(const metrics::paired_outcome& outcomes) {
    paired_evidence out;
    out.clusters.reserve(outcomes.clusters().size());
    for (const auto& [id, k] : outcomes.clusters()) out.clusters.push_back({id, k.n11, k.n10, k.n01, k.n00});
    return out;
}

/// The verdict on one table of paired outcomes, whichever engine they come from: PASS when a damage of
/// `options.budget` or more is excluded, FAIL when it is proven, else INCONCLUSIVE with the reason.
/// Bounds and damage of the report are rates; positive means the candidate is worse.
/// Taken for granted: both sides answered the same prompts with the same settings, and the base repeats its
/// answers when run again. For several cells, or a base that does not: decide_release().
/// Errors: arg (an option out of its range).   Thread-safe: yes.
inline result<cell_report> gate(const metrics::paired_outcome& outcomes, const gate_options& options) {
    cell_input cell;
    cell.plan = {.slice = "all", .metric = "task_correct", .role = cell_role::gate, .gate = options};
    cell.evidence = evidence_of(outcomes);
    QSLIP_TRY(auto release, decide_release({&cell, 1}));
    return std::move(release.cells.front());
}

}  // namespace qslip
