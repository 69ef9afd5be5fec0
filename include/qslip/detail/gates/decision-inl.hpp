#pragma once
#include <qslip/detail/gates/decision.hpp>
#include <qslip/detail/stats/multiplicity.hpp>
#include <qslip/detail/stats/paired.hpp>
#include <qslip/detail/stats/sample_size.hpp>

#include <set>
#include <tuple>
#include <utility>

namespace qslip {

namespace decision_detail {

/// A cell between measuring and deciding.
struct measured_cell {
    cell_report report;
    double base_right = -1;  ///< negative: no floor rule
    double width = 1;
    double psi = 0;  ///< observed share of flips; of scores their standard deviation squared
    stats::cluster_shape shape;
    bool singletons = true;
};

/// What a tripwire may not exceed, or the damage another cell may cost.
inline double budget_of(const cell_input& in) {
    return in.plan.role == cell_role::tripwire ? in.plan.limit : in.plan.gate.budget;
}

inline status check_cell(const cell_input& in) {
    const auto& gate = in.plan.gate;
    const auto fail = [&](const char* what) {
        return status(errc::arg, "cell " + in.plan.slice + " x " + in.plan.metric + ": " + what);
    };
    const double budget = budget_of(in);
    if (!std::isfinite(budget)) return fail("the budget is not a number");
    if (!(gate.alpha > 0 && gate.alpha < 0.5)) return fail("alpha must be in (0, 0.5)");
    if (!(gate.power > 0.5 && gate.power < 1)) return fail("power must be in (0.5, 1)");
    if (!(gate.rho0 >= 0 && gate.rho0 <= 1)) return fail("rho0 must be in [0, 1]");
    if (gate.look < 1 || gate.look > gate.planned_looks) return fail("look outside the planned looks");
    if (in.n_candidates < 1) return fail("no candidates declared");
    if (std::holds_alternative<paired_evidence>(in.evidence) && !(std::fabs(budget) < 1))
        return fail("the budget of a rate must be below 1");
    if (!decides(in.plan.role)) return {};
    if (budget < 0) return fail("the budget is negative");
    if (std::holds_alternative<value_evidence>(in.evidence))
        return fail("a displacement metric cannot be a gate or guard");
    return {};
}

inline cell_report blank_report(const cell_input& in) {
    cell_report out;
    out.slice = in.plan.slice;
    out.metric = in.plan.metric;
    out.role = in.plan.role;
    out.direction = in.plan.gate.direction;
    out.budget = budget_of(in);
    out.exclusions = in.exclusions;
    out.mismatched_fields = in.mismatched_fields;
    out.alpha_fail = in.plan.gate.alpha_of_look();
    out.alpha_pass = out.alpha_fail / in.n_candidates;
    return out;
}

inline void note_clusters(measured_cell& cell, const stats::cluster_estimate& damage, double deff_observed,
                          double rho0) {
    cell.report.n = damage.n_rows;
    cell.report.clusters = damage.n_clusters;
    cell.report.effective_clusters = damage.g_eff;
    cell.singletons = damage.singletons;
    cell.shape.rows_per_cluster = static_cast<double>(damage.n_rows) / static_cast<double>(damage.n_clusters);
    cell.shape.mean_size = damage.mean_size;
    cell.shape.rho0 = rho0;
    if (damage.mean_size > 1)
        cell.shape.rho = std::clamp((deff_observed - 1) / (damage.mean_size - 1), 0.0, 1.0);
}

inline void note_bounds(cell_report& report, stats::interval bounds) {
    report.lower = bounds.lower;
    report.upper = bounds.upper;
}

/// Broken and fixed are damage and repair, whichever way of the metric is good.
inline status measure(const cell_input& in, const paired_evidence& seen, measured_cell& cell) {
    std::vector<stats::paired_cluster> clusters;
    clusters.reserve(seen.clusters.size());
    const bool loss = in.plan.gate.direction == damage_direction::loss;
    std::vector<stats::cluster_sum> base_sums, cand_sums;
    double base_yes = 0, cand_yes = 0, n = 0;
    for (const auto& g : seen.clusters) {
        const auto rows = g.n11 + g.n10 + g.n01 + g.n00;
        clusters.push_back({g.id, rows, loss ? g.n10 : g.n01, loss ? g.n01 : g.n10});
        base_sums.push_back({g.id, rows, static_cast<double>(g.n11 + g.n10)});
        cand_sums.push_back({g.id, rows, static_cast<double>(g.n11 + g.n01)});
        base_yes += base_sums.back().sum;
        cand_yes += cand_sums.back().sum;
        n += static_cast<double>(rows);
    }
    if (n == 0) return {};
    QSLIP_TRY(const auto s, stats::summarize_paired(clusters, in.plan.gate.rho0));
    note_clusters(cell, s.damage, s.deff_observed, in.plan.gate.rho0);
    auto& out = cell.report;
    out.newly_broken = static_cast<std::uint64_t>(s.b);
    out.newly_fixed = static_cast<std::uint64_t>(s.c);
    out.base = base_yes / n;
    out.cand = cand_yes / n;
    QSLIP_TRY(const auto base_rate, stats::cluster_ratio(base_sums));
    QSLIP_TRY(const auto cand_rate, stats::cluster_ratio(cand_sums));
    out.base_bounds = stats::rate_bounds(base_rate, out.alpha_fail);
    out.cand_bounds = stats::rate_bounds(cand_rate, out.alpha_fail);
    out.delta = s.delta();
    out.design_effect = s.deff;
    out.p_pass = stats::p_pass(s, out.budget).value();
    out.p_fail = stats::p_fail(s, out.budget).value();
    out.p_damage = stats::mcnemar(out.newly_broken, out.newly_fixed).mid;
    note_bounds(out, stats::verdict_bounds(s, out.alpha_fail, out.alpha_pass));
    out.interval_method = cell.singletons ? "tango+exact" : "tango_t+cluster_t+exact";
    cell.base_right = loss ? base_yes : n - base_yes;
    cell.psi = s.psi();
    return {};
}

inline status measure(const cell_input& in, const score_evidence& seen, measured_cell& cell) {
    auto& out = cell.report;
    std::uint64_t n = 0;
    for (const auto& g : seen.damage) n += g.n;
    if (n == 0) return {};
    QSLIP_TRY(const auto s, stats::summarize_scores(seen.damage, seen.width));
    note_clusters(cell, s.damage, s.deff, in.plan.gate.rho0);
    out.base = seen.base_mean;
    out.cand = seen.cand_mean;
    out.delta = s.damage.mean;
    out.design_effect = s.deff;
    out.p_pass = stats::p_pass(s, out.budget);
    out.p_fail = stats::p_fail(s, out.budget);
    note_bounds(out, stats::verdict_bounds(s, out.alpha_fail, out.alpha_pass));
    out.interval_method = s.damage.se > 0 ? "cluster_t" : "zero_variance";
    cell.base_right = seen.base_right.value_or(-1);
    cell.width = seen.width;
    cell.psi = s.damage.se * s.damage.se * static_cast<double>(n);
    return {};
}

inline status measure(const cell_input& in, const value_evidence& seen, measured_cell& cell) {
    auto& out = cell.report;
    std::uint64_t n = 0;
    for (const auto& g : seen.clusters) n += g.n;
    if (n == 0) return {};
    QSLIP_TRY(const auto mean, stats::cluster_ratio(seen.clusters));
    note_clusters(cell, mean, 1, in.plan.gate.rho0);
    out.delta = mean.mean;
    if (seen.is_rate) {
        note_bounds(out, stats::rate_bounds(mean, out.alpha_fail));
        out.interval_method = mean.singletons || mean.se == 0 ? "wilson" : "cluster_t";
    } else if (mean.has_interval()) {
        note_bounds(out, stats::within(seen.range, mean.bounds(out.alpha_fail)));
        out.interval_method = "cluster_t";
    }
    return {};
}

/// Rows needed at the damage `delta`, in the clusters the cell has. Binary: docs/method.md 10; scores:
/// the same with the observed variance, or from the zero-variance floor when nothing varies.
inline std::optional<double> rows_needed(const measured_cell& cell, const cell_input& in, double delta,
                                         double power) {
    const auto& out = cell.report;
    if (std::holds_alternative<paired_evidence>(in.evidence)) {
        const stats::plan plan{out.budget, out.alpha_pass, power, cell.psi, delta};
        if (cell.singletons) return stats::n_needed(plan);
        const auto clusters = stats::clusters_needed(plan, cell.shape);
        if (!clusters) return std::nullopt;
        return std::ceil(*clusters * cell.shape.rows_per_cluster);
    }
    const double room = out.budget - delta, z = stats::z_upper(out.alpha_pass);
    if (!(room > 0)) return std::nullopt;
    const double zz = z + stats::norm_quantile(power);
    const double n = cell.psi > 0
                         ? zz * zz * cell.psi / (room * room)
                         : std::max(0.0, z * z * (cell.width - room) / room) * cell.shape.rows_per_cluster;
    return std::max(std::ceil(n), stats::n_floor(out.budget / cell.width, in.plan.gate.alpha));
}

inline void note_sizes(measured_cell& cell, const cell_input& in, double power) {
    auto& out = cell.report;
    const double n = static_cast<double>(out.n);
    const double variance =
        cell.psi * (std::holds_alternative<paired_evidence>(in.evidence) ? out.design_effect : 1);
    out.detectable_effect = stats::detectable_effect(n, variance, out.alpha_pass, in.plan.gate.power);
    out.n_needed = rows_needed(cell, in, 0, power);
    out.n_needed_observed = rows_needed(cell, in, *out.delta, power);
}

using outcome = std::pair<verdict, verdict_reason>;

/// The A/A rule of docs/method.md 8; no value when the noise is small enough.
inline std::optional<outcome> noise_rule(measured_cell& cell, const cell_input& in) {
    if (!in.aa || in.aa->n == 0) {
        if (in.engine_deterministic) return std::nullopt;
        return outcome{verdict::inconclusive, verdict_reason::noise_limited};
    }
    if (stats::mcnemar(in.aa->newly_broken, in.aa->newly_fixed).two_sided < 0.001)
        return outcome{verdict::not_comparable, verdict_reason::baseline_unstable};
    const double psi = (static_cast<double>(in.aa->newly_broken) + static_cast<double>(in.aa->newly_fixed)) /
                       static_cast<double>(in.aa->n);
    auto& out = cell.report;
    out.aa_detectable_effect = stats::detectable_effect(static_cast<double>(out.n), psi * out.design_effect,
                                                        in.plan.gate.alpha, in.plan.gate.power);
    if (*out.aa_detectable_effect <= out.budget) return std::nullopt;
    return outcome{verdict::inconclusive, verdict_reason::noise_limited};
}

inline verdict_reason anchor_reason(anchor_state a) {
    return a == anchor_state::judge      ? verdict_reason::judge
           : a == anchor_state::detector ? verdict_reason::detector
                                         : verdict_reason::labels;
}

/// What any role comes to before statistics speak.
inline std::optional<outcome> precondition(const cell_input& in, std::uint64_t n) {
    using metrics::exclusion;
    if (in.exclusions[exclusion::base_nonfinite] > 0)
        return outcome{verdict::not_comparable, verdict_reason::baseline_fault};
    if (!in.mismatched_fields.empty()) return outcome{verdict::not_comparable, verdict_reason::fields};
    if (in.exclusions.too_many(exclusion::unmatched, n))
        return outcome{verdict::not_comparable, verdict_reason::fields};
    if (in.exclusions[exclusion::cand_nonfinite] > 0) return outcome{verdict::fail, verdict_reason::numeric};
    return std::nullopt;
}

/// The reference procedure of docs/method.md 8 for a gate or guard.
inline outcome decide(measured_cell& cell, const cell_input& in, bool tripped, bool missing_blocks) {
    auto& out = cell.report;
    if (const auto first = precondition(in, out.n)) return *first;
    if (out.n == 0)
        return missing_blocks ? outcome{verdict::fail, verdict_reason::missing}
                              : outcome{verdict::inconclusive, verdict_reason::coverage};
    if (*out.p_fail_adjusted <= out.alpha_fail) {
        out.anchor_unverified = in.anchor != anchor_state::verified;
        return {verdict::fail, verdict_reason::budget};
    }
    if (in.anchor != anchor_state::verified) return {verdict::inconclusive, anchor_reason(in.anchor)};
    if (in.exclusions.blocks_pass(out.n)) return {verdict::inconclusive, verdict_reason::coverage};
    if (const auto noisy = noise_rule(cell, in)) return *noisy;
    const double n = static_cast<double>(out.n), share = out.budget / cell.width;
    if (cell.base_right >= 0 && cell.base_right < std::max(10.0, 2 * share * n))
        return {verdict::inconclusive, verdict_reason::floor_effect};
    if (*out.p_pass <= out.alpha_pass && n >= stats::n_floor(share, in.plan.gate.alpha) &&
        out.effective_clusters >= 30) {
        if (tripped) return {verdict::inconclusive, verdict_reason::review};
        out.degraded_within_budget = *out.lower > 0;
        return {verdict::pass, out.degraded_within_budget ? verdict_reason::degraded : verdict_reason::clean};
    }
    const bool few = !out.n_needed || n < *out.n_needed;
    return {verdict::inconclusive, few ? verdict_reason::underpowered : verdict_reason::borderline};
}

/// A tripwire is touched when even the lower bound exceeds its limit.
inline bool touched(const cell_report& cell) {
    return cell.role == cell_role::tripwire && cell.lower && *cell.lower > cell.budget;
}

inline outcome watch(const cell_input& in, const cell_report& out) {
    if (const auto first = precondition(in, out.n)) return *first;
    if (out.n == 0) return {verdict::inconclusive, verdict_reason::coverage};
    if (out.tripped) return {verdict::inconclusive, verdict_reason::review};
    if (in.plan.role == cell_role::tripwire) return {verdict::pass, verdict_reason::quiet};
    return {verdict::inconclusive, verdict_reason::info};
}

/// Holm over all deciding cells; a cell without rows claims nothing but still counts.
inline void adjust(std::span<const cell_input> in, std::vector<measured_cell>& cells) {
    std::vector<double> p;
    for (std::size_t i = 0; i < in.size(); ++i)
        if (decides(in[i].plan.role)) p.push_back(cells[i].report.p_fail.value_or(1));
    const auto adjusted = stats::holm(p);
    std::size_t next = 0;
    for (std::size_t i = 0; i < in.size(); ++i)
        if (decides(in[i].plan.role)) cells[i].report.p_fail_adjusted = adjusted[next++];
}

inline void raise(std::optional<double>& largest, std::optional<double> x) {
    if (x && (!largest || *x > *largest)) largest = x;
}

/// Non-finite logits count whatever the role of the cell that met them; where nothing decides,
/// arms that may not be compared do too.
inline bool counts(const cell_report& cell, const release_policy& policy) {
    return decides(cell.role) || cell.why == verdict_reason::numeric ||
           cell.why == verdict_reason::baseline_fault ||
           (cell.why == verdict_reason::fields && !policy.has_tasks);
}

inline verdict release_verdict(const release_report& report, const release_policy& policy) {
    auto worst = policy.has_tasks ? verdict::pass : verdict::measured;
    if (policy.has_tasks && report.n_deciding == 0) worst = verdict::inconclusive;
    if (!policy.missing_slices.empty())
        worst = policy.missing_blocks ? verdict::fail : std::max(worst, verdict::inconclusive);
    for (const auto& cell : report.cells)
        if (counts(cell, policy)) worst = std::max(worst, cell.state);
    return worst;
}

inline status check_unique(std::span<const cell_input> cells) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const auto& in : cells)
        if (decides(in.plan.role) && !seen.emplace(in.plan.slice, in.plan.metric).second)
            return status(errc::arg, "cell " + in.plan.slice + " x " + in.plan.metric + " decides twice");
    return {};
}

}  // namespace decision_detail

inline result<release_report> decide_release(std::span<const cell_input> cells,
                                             const release_policy& policy) {
    QSLIP_CHECK(decision_detail::check_unique(cells));
    release_report out;
    out.missing_slices = policy.missing_slices;
    std::vector<decision_detail::measured_cell> measured(cells.size());
    std::set<std::string_view> tripped;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto& in = cells[i];
        auto& cell = measured[i];
        QSLIP_CHECK(decision_detail::check_cell(in));
        cell.report = decision_detail::blank_report(in);
        QSLIP_CHECK(std::visit([&](const auto& seen) { return decision_detail::measure(in, seen, cell); },
                               in.evidence));
        cell.report.tripped = decision_detail::touched(cell.report);
        if (cell.report.tripped) tripped.insert(in.plan.slice);
        out.n_deciding += decides(in.plan.role);
    }
    decision_detail::adjust(cells, measured);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto& in = cells[i];
        auto& cell = measured[i];
        auto& report = cell.report;
        if (report.p_pass)
            decision_detail::note_sizes(cell, in, stats::power_per_cell(in.plan.gate.power, out.n_deciding));
        std::tie(report.state, report.why) =
            decides(in.plan.role)
                ? decision_detail::decide(cell, in, tripped.contains(in.plan.slice), policy.missing_blocks)
                : decision_detail::watch(in, report);
        if (decides(in.plan.role)) {
            const bool gate = in.plan.role == cell_role::gate;
            decision_detail::raise(gate ? out.gate_budget : out.guard_budget, report.budget);
            decision_detail::raise(gate ? out.gate_upper : out.guard_upper, report.upper);
        }
        out.cells.push_back(std::move(report));
    }
    out.verdict = decision_detail::release_verdict(out, policy);
    return out;
}

}  // namespace qslip
