#include "report/result_parts.hpp"

namespace qslip::report {
namespace {

/// Those that can keep a cell from PASS.
void write_cell_exclusions(json_writer& w, const metrics::exclusion_counts& counts) {
    w.key("exclusions").begin_object();
    for (const auto& e : metrics::all_exclusions)
        if (e.may_block_pass()) w.member(e.id, counts[e.which]);
    w.end_object();
}

}  // namespace

void write_gate(json_writer& w, const cell_report& c) {
    w.begin_object()
        .member("slice", c.slice)
        .member("metric", c.metric)
        .member("role", cell_role_name(c.role));
    w.member("direction", c.direction == damage_direction::loss ? "loss" : "gain");
    w.member("state", name_of(c.state))
        .member("reason", name_of(c.why))
        .member("reason_text", text_of(c.why));
    for (const auto& [key, x] : {std::pair("base", c.base),
                                 {"cand", c.cand},
                                 {"delta", c.delta},
                                 {"lower", c.lower},
                                 {"upper", c.upper}})
        optional_member(w, key, x);
    for (const auto& [arm, bounds] :
         {std::pair(std::string("base"), c.base_bounds), {"cand", c.cand_bounds}}) {
        if (!bounds) continue;
        w.member(arm + "_lower", bounds->lower).member(arm + "_upper", bounds->upper);
    }
    optional_member(w, "budget", c.role == cell_role::info ? std::nullopt : std::optional(c.budget));
    w.member("n", c.n).member("clusters", c.clusters);
    w.member("g_eff", c.effective_clusters).member("deff", c.design_effect);
    w.member("b", c.newly_broken).member("c", c.newly_fixed);
    w.member("alpha_pass", c.alpha_pass).member("alpha_fail", c.alpha_fail);
    for (const auto& [key, x] : {std::pair("p_pass", c.p_pass),
                                 {"p_fail", c.p_fail},
                                 {"p_fail_adjusted", c.p_fail_adjusted},
                                 {"p_damage", c.p_damage},
                                 {"detectable_effect", c.detectable_effect},
                                 {"aa_detectable_effect", c.aa_detectable_effect},
                                 {"n_needed", c.n_needed},
                                 {"n_needed_observed", c.n_needed_observed}})
        optional_member(w, key, x);
    w.member("interval", c.interval_method).member("degraded_within_budget", c.degraded_within_budget);
    w.member("tripped", c.tripped).member("anchor_unverified", c.anchor_unverified);
    w.member("below_resolution", c.below_resolution).member("rerun_f32", c.rerun_f32);
    w.key("differing_fields").begin_array();
    for (const auto& field : c.mismatched_fields) w.value(field);
    w.end_array();
    write_cell_exclusions(w, c.exclusions);
    w.end_object();
}

}  // namespace qslip::report
