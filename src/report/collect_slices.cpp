#include "report/collect.hpp"
#include "report/fact_names.hpp"

namespace qslip::report {
namespace {

constexpr unsigned retry_limit = 3;

std::optional<double> share(std::uint64_t k, std::uint64_t n) {
    return n ? std::optional(static_cast<double>(k) / static_cast<double>(n)) : std::nullopt;
}

const char* mean_name(metric_form form) {
    return form == metric_form::rate ? "rate" : form == metric_form::ratio ? "ratio" : "mean";
}

fact distance_facts(const metrics::metric_summary& s) {
    fact out;
    out.set(mean_name(info_of(s.which).form), s.mean);
    out.set("lower", s.bounds ? std::optional(s.bounds->lower) : std::nullopt);
    out.set("upper", s.bounds ? std::optional(s.bounds->upper) : std::nullopt);
    if (const auto& spread = s.spread)
        out.set("standard_deviation", spread->standard_deviation)
            .set("root_mean_square", spread->root_mean_square);
    if (const auto& q = s.quantiles) {
        out.set("q50", q->q50).set("q90", q->q90).set("q95", q->q95).set("q99", q->q99);
        out.set("q999", q->q999).set("max", q->max);
    }
    return out.set("n", s.n).set("clusters", s.n_clusters);
}

fact outcome_facts(const metrics::paired_outcome& pair) {
    const auto& k = pair.total();
    const auto base = *metrics::rate_of(pair, metrics::side::base),
               cand = *metrics::rate_of(pair, metrics::side::cand);
    fact out;
    out.set("base", base.rate).set("base_lower", base.bounds.lower).set("base_upper", base.bounds.upper);
    out.set("cand", cand.rate).set("cand_lower", cand.bounds.lower).set("cand_upper", cand.bounds.upper);
    out.set("change", -k.damage()).set("both_right", k.n11).set("newly_broken", k.n10);
    out.set("newly_fixed", k.n01).set("both_wrong", k.n00).set("n", k.n());
    return out.set("clusters", pair.clusters().size());
}

fact metric_facts(const slice_state& s) {
    fact out{fact::group{}};
    for (const auto& info : all_metrics) {
        if (info.which == metric::ppl_ratio)
            out.set("ppl_base", s.positions.ppl_base()).set("ppl_cand", s.positions.ppl_cand());
        if (info.use == metric_use::displacement) {
            if (const auto summary = s.positions.summary(info.which))
                out.set(info.id, distance_facts(*summary));
        } else if (const auto& pair = s.outcomes.at(info.which); pair.total().n() > 0) {
            out.set(info.id, outcome_facts(pair));
        }
    }
    return out;
}

fact level_facts(const std::array<std::uint64_t, metrics::n_answer_levels>& n_by_level) {
    fact out;
    for (std::size_t i = 0; i < n_by_level.size(); ++i) out.set(level_names[i], n_by_level[i]);
    return out;
}

fact fault_facts(const std::array<std::uint64_t, metrics::n_format_faults>& counts) {
    fact out;
    for (std::size_t i = 0; i < counts.size(); ++i) out.set(metrics::format_fault_ids[i], counts[i]);
    return out;
}

/// One side: its levels, what it tried, what a caller that retries pays, what was wrong.
fact side_facts(const metrics::format_tally& a) {
    const auto valid = share(a.n_valid(), a.n());
    fact out;
    out.set("answers_by_level", level_facts(a.by_level)).set("tried", a.n_tried);
    out.set("valid_if_tried", share(a.n_valid(), a.n_tried));
    out.set("retry_rate", valid ? std::optional(1 - *valid) : std::nullopt);
    out.set("expected_attempts",
            valid ? std::optional(metrics::expected_attempts(*valid, retry_limit)) : std::nullopt);
    return out.set("faults", fault_facts(a.faults));
}

fact tool_call_facts(const metrics::outcome_counts& calls) {
    fact out;
    out.set("both", calls.n11).set("cand_only", calls.n01).set("base_only", calls.n10);
    return out.set("neither", calls.n00).set("f1", metrics::trigger_f1(calls));
}

bool has_structure(const slice_state& s) {
    return s.formats.at(metrics::side::base).n() > 0 || s.outcomes.at(metric::tool_called).total().n() > 0;
}

fact structure_facts(const slice_state& s) {
    fact out;
    out.set("retry_limit", retry_limit).set("constrained_decoding", false);
    out.set("base", side_facts(s.formats.at(metrics::side::base)));
    out.set("cand", side_facts(s.formats.at(metrics::side::cand)));
    if (const auto& calls = s.outcomes.at(metric::tool_called).total(); calls.n() > 0)
        out.set("tool_calls", tool_call_facts(calls));
    return out;
}

fact flip_facts(const metrics::token_flips& flips) {
    fact::list out;
    for (const auto& bin : flips.bins()) {
        const auto known = [&](double x) { return bin.n ? std::optional(x) : std::nullopt; };
        fact row;
        row.set("lo", bin.lo_nats).set("hi", bin.hi_nats).set("n", bin.n).set("flips", bin.flips);
        row.set("rate", known(bin.rate)).set("lower", known(bin.bounds.lower));
        out.push_back(row.set("upper", known(bin.bounds.upper)).set("share_of_flips", bin.share_of_flips));
    }
    return out;
}

fact noise_facts(const metrics::noise_fit& fit) {
    fact out;
    out.set("sigma_nats", fit.sigma_nats).set("excess_2_to_4", fit.excess_2_to_4);
    return out.set("excess_4_and_more", fit.excess_4_and_more);
}

}  // namespace

fact slice_facts(const std::string& name, const slice_state& s, below_resolution resolution) {
    fact out;
    out.set("name", name).set("positions", s.positions.n_positions());
    out.set("prompts", s.prompts).set("clusters", s.positions.n_clusters());
    if (resolution != below_resolution::no)
        out.set("below_resolution", resolution == below_resolution::rerun ? "rerun_f32" : "marked");
    out.set("metrics", metric_facts(s));
    if (has_structure(s)) out.set("structure", structure_facts(s));
    out.set("flips_by_margin", flip_facts(s.positions.flips()));
    if (const auto fit = s.positions.flips().fit_noise()) out.set("flip_noise", noise_facts(*fit));
    return out;
}

}  // namespace qslip::report
