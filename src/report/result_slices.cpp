#include "report/result_parts.hpp"

namespace qslip::report {
namespace {

void write_metric(json_writer& w, const metrics::metric_summary& s) {
    const auto& info = info_of(s.which);
    w.key(info.id).begin_object();
    w.member(info.form == metric_form::rate    ? "rate"
             : info.form == metric_form::ratio ? "ratio"
                                               : "mean",
             s.mean);
    optional_member(w, "lower", s.bounds ? std::optional(s.bounds->lower) : std::nullopt);
    optional_member(w, "upper", s.bounds ? std::optional(s.bounds->upper) : std::nullopt);
    if (s.spread)
        w.member("standard_deviation", s.spread->standard_deviation)
            .member("root_mean_square", s.spread->root_mean_square);
    if (s.quantiles) {
        w.member("q50", s.quantiles->q50).member("q90", s.quantiles->q90).member("q95", s.quantiles->q95);
        w.member("q99", s.quantiles->q99).member("q999", s.quantiles->q999).member("max", s.quantiles->max);
    }
    w.member("n", s.n).member("clusters", s.n_clusters).end_object();
}

void write_answers(json_writer& w, std::string_view id, const metrics::outcome_counts& k) {
    if (k.n() == 0) return;
    const auto n = static_cast<double>(k.n());
    w.key(id).begin_object();
    w.member("base", static_cast<double>(k.n11 + k.n10) / n)
        .member("cand", static_cast<double>(k.n11 + k.n01) / n);
    w.member("damage", k.damage()).member("both_right", k.n11).member("newly_broken", k.n10);
    w.member("newly_fixed", k.n01).member("both_wrong", k.n00).member("n", k.n()).end_object();
}

void write_arm_rate(json_writer& w, const char* arm, const metrics::side_rate& r) {
    w.key(arm).begin_object().member("rate", r.rate);
    w.member("lower", r.bounds.lower).member("upper", r.bounds.upper).end_object();
}

void write_pair(json_writer& w, std::string_view id, const metrics::paired_outcome& pair) {
    const auto& k = pair.total();
    if (k.n() == 0) return;
    w.key(id).begin_object();
    write_arm_rate(w, "base", *metrics::rate_of(pair, metrics::side::base));
    write_arm_rate(w, "cand", *metrics::rate_of(pair, metrics::side::cand));
    w.member("damage", k.damage()).member("newly_broken", k.n10).member("newly_fixed", k.n01);
    w.member("n", k.n()).member("clusters", pair.clusters().size()).end_object();
}

constexpr unsigned retry_limit = 3;

/// One arm: its levels, what it tried, what a caller that retries pays, what was wrong.
void write_structured_arm(json_writer& w, const char* name, const metrics::format_tally& a) {
    const auto share = [](std::uint64_t k, std::uint64_t n) {
        return n ? std::optional(static_cast<double>(k) / static_cast<double>(n)) : std::nullopt;
    };
    const auto valid = share(a.n_valid(), a.n());
    w.key(name).begin_object().key("answers_by_level").begin_array();
    for (const auto n : a.by_level) w.value(n);
    w.end_array().member("tried", a.n_tried);
    optional_member(w, "valid_if_tried", share(a.n_valid(), a.n_tried));
    optional_member(w, "retry_rate", valid ? std::optional(1 - *valid) : std::nullopt);
    optional_member(w, "expected_attempts",
                    valid ? std::optional(metrics::expected_attempts(*valid, retry_limit)) : std::nullopt);
    w.key("faults").begin_object();
    for (std::size_t i = 0; i < metrics::n_format_faults; ++i)
        w.member(metrics::format_fault_ids[i], a.faults[i]);
    w.end_object().end_object();
}

bool is_structured(const metric_info& m) {
    return m.population == metric_population::structured || m.population == metric_population::calls;
}

void write_structure(json_writer& w, const slice_state& s) {
    const auto& calls = s.outcomes.at(metric::tool_called).total();
    if (s.formats.at(metrics::side::base).n() == 0 && calls.n() == 0) return;
    w.key("structure").begin_object();
    for (const auto& info : all_metrics)
        if (is_structured(info)) write_pair(w, info.id, s.outcomes.at(info.which));
    w.member("retry_limit", retry_limit).member("constrained_decoding", false);
    write_structured_arm(w, "base", s.formats.at(metrics::side::base));
    write_structured_arm(w, "cand", s.formats.at(metrics::side::cand));
    if (calls.n() > 0) {
        w.key("tool_calls").begin_object().member("both", calls.n11).member("cand_only", calls.n01);
        w.member("base_only", calls.n10).member("neither", calls.n00);
        optional_member(w, "f1", metrics::trigger_f1(calls));
        w.end_object();
    }
    w.end_object();
}

void write_flips(json_writer& w, const metrics::token_flips& flips) {
    w.key("flips_by_margin").begin_array();
    for (const auto& bin : flips.bins()) {
        w.begin_object().member("lo", bin.lo_nats).member("hi", bin.hi_nats);
        w.member("n", bin.n).member("flips", bin.flips);
        optional_member(w, "rate", bin.n ? std::optional(bin.rate) : std::nullopt);
        optional_member(w, "lower", bin.n ? std::optional(bin.bounds.lower) : std::nullopt);
        optional_member(w, "upper", bin.n ? std::optional(bin.bounds.upper) : std::nullopt);
        w.member("share_of_flips", bin.share_of_flips).end_object();
    }
    w.end_array();
}

}  // namespace

void write_slice(json_writer& w, const std::string& name, const slice_state& s, below_resolution resolution) {
    w.begin_object().member("name", name).member("positions", s.positions.n_positions());
    if (resolution != below_resolution::no)
        w.member("below_resolution", resolution == below_resolution::rerun ? "rerun_f32" : "marked");
    w.member("prompts", s.prompts).member("clusters", s.positions.n_clusters());
    w.key("metrics").begin_object();
    for (const auto& info : all_metrics) {
        if (info.which == metric::ppl_ratio) {
            optional_member(w, "ppl_base", s.positions.ppl_base());
            optional_member(w, "ppl_cand", s.positions.ppl_cand());
        }
        if (const auto summary = s.positions.summary(info.which)) write_metric(w, *summary);
        if (info.population == metric_population::answers)
            write_answers(w, info.id, s.outcomes.at(info.which).total());
    }
    w.end_object();
    write_structure(w, s);
    write_flips(w, s.positions.flips());
    if (const auto fit = s.positions.flips().fit_noise()) {
        w.key("flip_noise").begin_object().member("sigma_nats", fit->sigma_nats);
        w.member("excess_2_to_4", fit->excess_2_to_4)
            .member("excess_4_and_more", fit->excess_4_and_more)
            .end_object();
    }
    w.end_object();
}

}  // namespace qslip::report
