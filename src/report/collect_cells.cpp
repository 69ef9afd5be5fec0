#include <qslip/detail/metrics/metric.hpp>

#include "report/advice.hpp"
#include "report/collect.hpp"

namespace qslip::report {
namespace {

bool is_outcome(const cell_report& c) {
    const auto found = find_metric(c.metric);
    return found && found->use == metric_use::outcome;
}

void add_verdict(const cell_report& c, fact& to) {
    const auto advice = advice_on(c);
    to.set("slice", c.slice).set("metric", c.metric).set("role", cell_role_name(c.role));
    to.set("direction", c.direction == damage_direction::loss ? "loss" : "gain");
    to.set("state", state_name(c)).set("reason", name_of(c.why));
    to.set("reason_text", advice.why).set("next_step", advice.next_step);
}

/// Damage is positive when the candidate is worse; a reader is told candidate - base.
void add_change(const cell_report& c, fact& to) {
    const bool turn = is_outcome(c) && c.direction == damage_direction::loss;
    const auto turned = [&](const std::optional<double>& x) { return turn && x ? std::optional(-*x) : x; };
    to.set("change", is_outcome(c) ? turned(c.delta) : std::nullopt);
    to.set("distance", is_outcome(c) ? std::nullopt : c.delta);
    to.set("lower", turned(turn ? c.upper : c.lower)).set("upper", turned(turn ? c.lower : c.upper));
}

void add_rates(const cell_report& c, fact& to) {
    const auto lower = [](const auto& bounds) {
        return bounds ? std::optional(bounds->lower) : std::nullopt;
    };
    const auto upper = [](const auto& bounds) {
        return bounds ? std::optional(bounds->upper) : std::nullopt;
    };
    to.set("base", c.base).set("cand", c.cand);
    add_change(c, to);
    to.set("base_lower", lower(c.base_bounds)).set("base_upper", upper(c.base_bounds));
    to.set("cand_lower", lower(c.cand_bounds)).set("cand_upper", upper(c.cand_bounds));
    to.set("budget", c.role == cell_role::info ? std::nullopt : std::optional(c.budget));
}

void add_statistics(const cell_report& c, fact& to) {
    to.set("n", c.n).set("clusters", c.clusters).set("effective_clusters", c.effective_clusters);
    to.set("design_effect", c.design_effect)
        .set("newly_broken", c.newly_broken)
        .set("newly_fixed", c.newly_fixed);
    to.set("alpha_pass", c.alpha_pass).set("alpha_fail", c.alpha_fail);
    to.set("p_pass", c.p_pass).set("p_fail", c.p_fail).set("p_fail_adjusted", c.p_fail_adjusted);
    to.set("p_damage", c.p_damage).set("detectable_effect", c.detectable_effect);
    to.set("aa_detectable_effect", c.aa_detectable_effect).set("n_needed", c.n_needed);
    to.set("n_needed_observed", c.n_needed_observed).set("interval", c.interval_method);
}

void add_marks(const cell_report& c, fact& to) {
    to.set("degraded_within_budget", c.degraded_within_budget).set("tripped", c.tripped);
    to.set("anchor_unverified", c.anchor_unverified);
    to.set("below_resolution", c.below_resolution).set("rerun_f32", c.rerun_f32);
    fact::list fields;
    for (const auto& field : c.mismatched_fields) fields.emplace_back(field);
    to.set("differing_fields", std::move(fields));
}

/// Those that can keep a cell from PASS.
fact exclusion_facts(const metrics::exclusion_counts& counts) {
    fact out;
    for (const auto& e : metrics::all_exclusions)
        if (e.may_block_pass()) out.set(e.id, counts[e.which]);
    return out;
}

}  // namespace

fact cell_facts(const cell_report& c) {
    fact out;
    add_verdict(c, out);
    add_rates(c, out);
    add_statistics(c, out);
    add_marks(c, out);
    return out.set("exclusions", exclusion_facts(c.exclusions));
}

}  // namespace qslip::report
