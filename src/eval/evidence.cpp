#include "eval/evidence.hpp"

#include "gates/metric_rules.hpp"

namespace qslip {

/// The paired outcomes that a metric of answers counts.
static const metrics::paired_outcome& outcomes_of(const slice_state& s, metric m) {
    const auto rate = metrics::structured_rate_of(m);
    return rate ? s.structure.pair(*rate) : s.answers;
}

static paired_evidence evidence_of(const metrics::paired_outcome& outcomes) {
    paired_evidence out;
    out.clusters.reserve(outcomes.clusters().size());
    for (const auto& [id, k] : outcomes.clusters()) out.clusters.push_back({id, k.n11, k.n10, k.n01, k.n00});
    return out;
}

static cell_exclusions exclusions_of(const slice_state& s) {
    using metrics::exclusion;
    const auto counts = s.positions.exclusions();
    cell_exclusions out;
    out.base_nonfinite = counts[exclusion::base_nonfinite];
    out.cand_nonfinite = counts[exclusion::cand_nonfinite];
    out.support_mismatch = counts[exclusion::support_mismatch];
    out.clipped = counts[exclusion::clipped];
    return out;
}

static cell_input input_of(const planned_cell& cell, const candidate_result& seen, std::size_t n_candidates) {
    cell_input in;
    in.plan = cell.cell;
    in.n_candidates = static_cast<unsigned>(n_candidates);
    const auto info = *find_metric(cell.cell.metric);
    if (is_answer_metric(cell.cell.metric)) {
        in.evidence =
            cell.slice ? evidence_of(outcomes_of(seen.slices[*cell.slice], info.which)) : paired_evidence{};
    } else {
        value_evidence values;
        values.is_rate = info.form == metric_form::rate;
        if (cell.slice) values.clusters = seen.slices[*cell.slice].positions.clusters(info.which);
        in.evidence = std::move(values);
    }
    if (cell.slice) in.exclusions = exclusions_of(seen.slices[*cell.slice]);
    return in;
}

result<release_report> decide_candidate(const run_plan& plan, const candidate_result& seen,
                                        std::size_t n_candidates, bool missing_fails) {
    std::vector<cell_input> cells;
    cells.reserve(plan.cells().size());
    for (const auto& cell : plan.cells()) cells.push_back(input_of(cell, seen, n_candidates));
    release_policy policy;
    policy.has_tasks = plan.has_tasks();
    policy.missing_blocks = missing_fails;
    for (const auto& missing : plan.missing_slices())
        if (missing.decides) policy.missing_slices.push_back(missing.name);
    return decide_release(cells, policy);
}

}  // namespace qslip
