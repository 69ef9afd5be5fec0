#pragma once
#include <qslip/detail/gates/cell.hpp>
#include <qslip/errors.hpp>

#include <span>

namespace qslip {

/// What the registry says about the release as a whole.
struct release_policy {
    bool has_tasks = true;        ///< false: a run without any task, at best MEASURED
    bool missing_blocks = false;  ///< an empty required slice is FAIL(missing), not INCONCLUSIVE
    std::vector<std::string> missing_slices = {};  ///< required, but absent from the run
};

/// The decision, and what a verdict line needs to name its claims.
struct release_report {
    qslip::verdict verdict = verdict::inconclusive;
    std::vector<cell_report> cells;  ///< in the order of the input
    std::size_t n_deciding = 0;      ///< gates and guards
    std::vector<std::string> missing_slices;
    std::optional<double> gate_budget, guard_budget;  ///< largest of each role
    std::optional<double> gate_upper, guard_upper;    ///< largest upper bound of damage of each role

    int exit_code() const { return exit_code_of(verdict); }
};

/// Decides every cell and the release (docs/method.md 8, 9). The order of clusters and
/// cells does not matter; the same input gives the same bits on every machine.
/// Blocking claims are Holm-adjusted over all gates and guards; PASS needs every one of them
/// (intersection-union), so it needs no adjustment.
/// Errors: arg, naming slice and metric, for numbers out of range, a displacement metric in a
/// deciding role, or two deciding cells of one slice and metric.
inline result<release_report> decide_release(std::span<const cell_input> cells,
                                             const release_policy& policy = {});

}  // namespace qslip

#include <qslip/detail/gates/decision-inl.hpp>
