#include "eval/evidence.hpp"

#include <qslip/detail/gates/gate.hpp>

#include "gates/metric_rules.hpp"

namespace qslip {

static cell_input input_of(const planned_cell& cell, const candidate_result& seen, std::size_t n_candidates) {
    cell_input in;
    in.plan = cell.cell;
    in.n_candidates = static_cast<unsigned>(n_candidates);
    const auto info = *find_metric(cell.cell.metric);
    if (is_answer_metric(cell.cell.metric)) {
        in.evidence =
            cell.slice ? evidence_of(seen.slices[*cell.slice].outcomes.at(info.which)) : paired_evidence{};
    } else {
        value_evidence values;
        values.is_rate = info.form == metric_form::rate;
        values.range = metrics::detail::range_of(info.which);
        if (cell.slice) values.clusters = seen.slices[*cell.slice].positions.clusters(info.which);
        in.evidence = std::move(values);
    }
    if (cell.slice) in.exclusions = seen.slices[*cell.slice].positions.exclusions();
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
