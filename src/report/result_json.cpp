#include <qslip/core/version.hpp>
#include <qslip/io/json_writer.hpp>
#include <qslip/io/sha256.hpp>
#include <qslip/report/write.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "report/format.hpp"

namespace qslip::report {
namespace {

constexpr int schema_version = 1, metric_version = 1;
constexpr std::size_t example_bytes = 400, most_breaks = 10;

void optional_member(json_writer& w, const char* key, const std::optional<double>& x) {
    w.key(key);
    if (x)
        w.value(*x);
    else
        w.null();
}

void write_arm(json_writer& w, const arm_info& arm) {
    w.begin_object();
    w.member("name", arm.name).member("dtype", arm.dtype).member("sha256", arm.sha256);
    w.member("bits_per_weight", arm.bits_per_weight).member("size_bytes", arm.size_bytes);
    w.end_object();
}

void write_limits(json_writer& w, const limits& lim) {
    w.begin_object();
#define QSLIP_LIMIT(name, default_value, text) w.member(#name, lim.name);
#include <qslip/core/limits.inc>
#undef QSLIP_LIMIT
    w.end_object();
}

/// What must match between two runs before their numbers may be compared; arms apart.
/// `candidate`: none when there are several.
void write_settings(json_writer& w, const run_manifest& m, const candidate_result* candidate) {
    w.member("qslip", QSLIP_VERSION_STRING).member("metric_version", metric_version);
    w.member("canonicalizer_version", canonicalizer_version);
    w.member("tokenizer_sha256", m.tokenizer_digest)
        .member("n_vocab", m.n_vocab)
        .member("adds_bos", m.adds_bos);
    w.member(m.mode == "text" ? "text_sha256" : "suite_sha256", m.suite_digest);
    if (!m.prompts_digest.empty()) w.member("prompts_sha256", m.prompts_digest);
    w.member("registry_sha256", m.registry_digest);
    w.member("token_path", m.mode == "text" ? "corpus" : "base_path");
    if (m.mode == "text") w.member("window", m.window).member("score", m.score);
    w.key("engine").begin_object();
    w.member("mode_base", upper(m.mode_base));
    if (candidate) w.member("mode", upper(candidate->mode));
    w.member("kv", "F32").member("deterministic", true);
    w.end_object();
    w.key("decoding").begin_object();
    w.member("method", "greedy")
        .member("temperature", 0)
        .member("repeats", 1)
        .member("chat_template", m.chat_template);
    w.end_object();
    w.member("seed", m.seed);
    w.key("limits");
    write_limits(w, m.lim);
}

void write_manifest(json_writer& w, const run_result& run, const candidate_result* candidate) {
    w.key("manifest").begin_object();
    write_settings(w, run.manifest, candidate);
    std::string settings;
    json_writer canonical(settings);
    canonical.begin_object();
    write_settings(canonical, run.manifest, candidate);
    canonical.key("base");
    write_arm(canonical, run.base);
    canonical.end_object();
    sha256 hash;
    hash.update(settings);
    w.member("sha256", hash.hex());
    w.key("base");
    write_arm(w, run.base);
    if (candidate) {
        w.key("candidate");
        write_arm(w, candidate->arm);
    }
    w.end_object();
}

void write_metric(json_writer& w, const metrics::metric_summary& s) {
    const auto& info = info_of(s.which);
    w.key(info.id).begin_object();
    w.member(info.form == metric_form::rate    ? "rate"
             : info.form == metric_form::ratio ? "ratio"
                                               : "mean",
             s.mean);
    optional_member(w, "lower", s.bounds ? std::optional(s.bounds->lower) : std::nullopt);
    optional_member(w, "upper", s.bounds ? std::optional(s.bounds->upper) : std::nullopt);
    if (s.quantiles) {
        w.member("q50", s.quantiles->q50).member("q90", s.quantiles->q90).member("q95", s.quantiles->q95);
        w.member("q99", s.quantiles->q99).member("q999", s.quantiles->q999).member("max", s.quantiles->max);
    }
    w.member("n", s.n).member("clusters", s.n_clusters).end_object();
}

void write_answers(json_writer& w, const metrics::outcome_counts& k) {
    const auto n = static_cast<double>(k.n());
    w.key("task_correct").begin_object();
    w.member("base", static_cast<double>(k.n11 + k.n10) / n)
        .member("cand", static_cast<double>(k.n11 + k.n01) / n);
    w.member("damage", k.damage()).member("both_right", k.n11).member("newly_broken", k.n10);
    w.member("newly_fixed", k.n01).member("both_wrong", k.n00).member("n", k.n()).end_object();
}

void write_arm_rate(json_writer& w, const char* arm, const metrics::arm_rate& r) {
    w.key(arm).begin_object().member("rate", r.rate);
    w.member("lower", r.bounds.lower).member("upper", r.bounds.upper).end_object();
}

void write_pair(json_writer& w, std::string_view id, const metrics::paired_outcome& pair) {
    const auto& k = pair.total();
    if (k.n() == 0) return;
    w.key(id).begin_object();
    write_arm_rate(w, "base", *metrics::rate_of(pair, metrics::arm::base));
    write_arm_rate(w, "cand", *metrics::rate_of(pair, metrics::arm::cand));
    w.member("damage", k.damage()).member("newly_broken", k.n10).member("newly_fixed", k.n01);
    w.member("n", k.n()).member("clusters", pair.clusters().size()).end_object();
}

constexpr unsigned retry_limit = 3;

/// One arm: its levels, what it tried, what a caller that retries pays, what was wrong.
void write_structured_arm(json_writer& w, const char* name, const metrics::structured_output::arm& a) {
    const auto share = [](std::uint64_t k, std::uint64_t n) {
        return n ? std::optional(static_cast<double>(k) / static_cast<double>(n)) : std::nullopt;
    };
    const auto n_valid = a.by_level[3] + a.by_level[4];
    const auto valid = share(n_valid, a.n);
    w.key(name).begin_object().key("answers_by_level").begin_array();
    for (const auto n : a.by_level) w.value(n);
    w.end_array().member("tried", a.n_tried);
    optional_member(w, "valid_if_tried", share(n_valid, a.n_tried));
    optional_member(w, "retry_rate", valid ? std::optional(1 - *valid) : std::nullopt);
    optional_member(w, "expected_attempts",
                    valid ? std::optional(metrics::expected_attempts(*valid, retry_limit)) : std::nullopt);
    w.key("faults").begin_object();
    for (std::size_t i = 0; i < metrics::n_format_faults; ++i)
        w.member(metrics::format_fault_ids[i], a.faults[i]);
    w.end_object().end_object();
}

void write_structure(json_writer& w, const metrics::structured_output& s) {
    if (s.empty()) return;
    w.key("structure").begin_object();
    for (const auto& info : all_metrics)
        if (const auto rate = metrics::structured_rate_of(info.which)) write_pair(w, info.id, s.pair(*rate));
    w.member("retry_limit", retry_limit).member("constrained_decoding", false);
    write_structured_arm(w, "base", s.base());
    write_structured_arm(w, "cand", s.cand());
    if (const auto t = s.triggers(); t.both + t.cand_only + t.base_only + t.neither > 0) {
        w.key("tool_calls").begin_object().member("both", t.both).member("cand_only", t.cand_only);
        w.member("base_only", t.base_only).member("neither", t.neither);
        optional_member(w, "f1", t.f1());
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
    }
    if (s.answers.total().n() > 0) write_answers(w, s.answers.total());
    w.end_object();
    write_structure(w, s.structure);
    write_flips(w, s.positions.flips());
    if (const auto fit = s.positions.flips().fit_noise()) {
        w.key("flip_noise").begin_object().member("sigma_nats", fit->sigma_nats);
        w.member("excess_2_to_4", fit->excess_2_to_4)
            .member("excess_4_and_more", fit->excess_4_and_more)
            .end_object();
    }
    w.end_object();
}

void write_cell_exclusions(json_writer& w, const cell_exclusions& e) {
    w.key("exclusions").begin_object();
    w.member("base_nonfinite", e.base_nonfinite).member("cand_nonfinite", e.cand_nonfinite);
    w.member("support_mismatch", e.support_mismatch).member("clipped", e.clipped);
    w.member("infra_dropped", e.infra_dropped).member("unmatched", e.unmatched).end_object();
}

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
    w.member("n", c.n).member("clusters", c.clusters).member("g_eff", c.g_eff).member("deff", c.deff);
    w.member("b", c.b).member("c", c.c).member("alpha_pass", c.alpha_pass).member("alpha_fail", c.alpha_fail);
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

void write_slip(json_writer& w, const std::optional<first_slip>& slip) {
    w.key("first_slip");
    if (!slip) {
        w.null();
        return;
    }
    w.begin_object().member("token_index", slip->token_index).member("base_token", slip->base_token);
    w.member("cand_token", slip->cand_token).member("margin_nats", slip->margin_nats).end_object();
}

void write_break(json_writer& w, const located_break& at) {
    w.key("broken_at").begin_object().member("byte", at.byte);
    w.member("keyword", at.keyword).member("instance_location", at.instance_location);
    w.member("token_index", at.token_index).member("token", at.token).member("base_token", at.base_token);
    w.member("base_margin_nats", at.base_margin_nats).member("base_behind_nats", at.base_behind_nats);
    w.end_object();
}

void write_structured_answer(json_writer& w, const char* key, const metrics::structured_answer& a) {
    w.key(key).begin_object().member("level", a.level);
    if (a.may_call) w.member("called", a.called);
    w.key("faults").begin_array();
    for (std::size_t i = 0; i < metrics::n_format_faults; ++i)
        if (a.faults >> i & 1u) w.value(metrics::format_fault_ids[i]);
    w.end_array().end_object();
}

void write_numbers(json_writer& w, const item_result& r) {
    w.member("positions", r.positions).member("flips", r.flips);
    optional_member(
        w, "kl_fwd_nats_mean",
        r.positions ? std::optional(r.kl_sum_nats / static_cast<double>(r.positions)) : std::nullopt);
    w.member("kl_fwd_nats_max", r.kl_max_nats);
    if (r.has_task) w.member("base_right", r.base_right).member("cand_right", r.cand_right);
    if (r.base_structure) write_structured_answer(w, "base_structure", *r.base_structure);
    if (r.cand_structure) write_structured_answer(w, "cand_structure", *r.cand_structure);
    if (r.broken_at) write_break(w, *r.broken_at);
    write_slip(w, r.slip);
}

void write_examples(json_writer& w, const candidate_result& c) {
    w.key("examples").begin_array();
    auto shown = worst_items(c);
    for (const auto i : located_breaks(c, most_breaks))
        if (std::ranges::find(shown, i) == shown.end()) shown.push_back(i);
    for (const auto i : shown) {
        const auto& r = c.items[i];
        w.begin_object().member("id", r.id);
        write_numbers(w, r);
        w.member("base_text", r.base_text.substr(0, example_bytes))
            .member("cand_text", r.cand_text.substr(0, example_bytes));
        w.end_object();
    }
    w.end_array();
}

void write_exclusions(json_writer& w, const candidate_result& c) {
    w.key("exclusions").begin_object();
    const auto inv = c.slices.front().positions.inv();
    for (const auto& e : metrics::all_exclusions) w.member(e.id, inv[e.which]);
    w.member("items_without_positions", c.exclusions.items_without_positions);
    w.member("tail_tokens", c.exclusions.tail_tokens)
        .member("regex_budget", c.exclusions.regex_budget)
        .end_object();
}

/// KL over the sample in one pair of modes.
void write_sampled(json_writer& w, const char* key, const std::string& what,
                   const metrics::position_accumulator& seen, const char* none_because) {
    w.key(key).begin_object().member("of", what);
    const auto kl = seen.summary(metric::kl_fwd_nats);
    optional_member(w, "mean", kl ? std::optional(kl->mean) : std::nullopt);
    optional_member(w, "q99", kl ? std::optional(kl->quantiles->q99) : std::nullopt);
    optional_member(w, "max", kl ? std::optional(kl->quantiles->max) : std::nullopt);
    w.member("unit", "nats").member("flips", seen.flips().flips()).member("n", seen.n_positions());
    if (!kl) w.member("reason", none_because);
    w.end_object();
}

/// What the weights cost, what a deployed engine adds, and what this run's own rounding is.
void write_sample(json_writer& w, const run_result& run, const candidate_result& c) {
    const std::string base = "KL(base " + upper(run.manifest.mode_base) + " || candidate ";
    write_sampled(w, "weight_slippage", base + "F32)", c.sample.weights, "no sampled position");
    write_sampled(w, "deployed_slippage", base + "A8)", c.sample.deployed, "no sampled position");
    write_sampled(w, "kernel_floor", "KL(candidate F32 || candidate " + upper(c.mode) + ")", c.sample.floor,
                  c.mode == numerics::f32 ? "the candidate was run in F32: there is no rounding to measure"
                                          : "no sampled position");
    optional_member(w, "resolution_nats", c.sample.resolution_nats());
}

void write_body(json_writer& w, const run_result& run, const candidate_result& c) {
    w.key("slices").begin_array();
    for (std::size_t i = 0; i < c.slices.size(); ++i)
        write_slice(w, run.slice_names[i].name, c.slices[i],
                    i < c.resolution.size() ? c.resolution[i] : below_resolution::no);
    w.end_array();
    w.key("gates").begin_array();
    for (const auto& cell : c.release.cells) write_gate(w, cell);
    w.end_array();
    write_exclusions(w, c);
    write_examples(w, c);
    write_sample(w, run, c);
}

void write_notes(json_writer& w, const run_result& run) {
    w.key("notes").begin_array();
    for (const auto& note : run.notes) w.value(note);
    w.end_array();
}

/// Candidates from best to worst: verdict, then mean KL over all positions.
void write_ranking(json_writer& w, const run_result& run) {
    std::vector<std::size_t> order(run.candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto kl = [&](std::size_t i) {
        const auto s = run.candidates[i].slices.front().positions.summary(metric::kl_fwd_nats);
        return s ? s->mean : INFINITY;
    };
    std::ranges::stable_sort(
        order, {}, [&](std::size_t i) { return std::pair(run.candidates[i].release.verdict, kl(i)); });
    w.key("ranking").begin_array();
    for (const auto i : order)
        w.begin_object()
            .member("candidate", i)
            .member("name", run.candidates[i].arm.name)
            .member("dtype", run.candidates[i].arm.dtype)
            .member("verdict", name_of(run.candidates[i].release.verdict))
            .member("kl_fwd_nats", kl(i))
            .end_object();
    w.end_array();
}

}  // namespace

std::vector<std::size_t> worst_items(const candidate_result& c, std::size_t most) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < c.items.size(); ++i)
        if (c.items[i].slip || c.items[i].newly_broken() || c.items[i].kl_max_nats > 0) order.push_back(i);
    const auto worse = [&](std::size_t a, std::size_t b) {
        const auto &x = c.items[a], &y = c.items[b];
        return std::tuple(!x.newly_broken(), -x.kl_max_nats, a) <
               std::tuple(!y.newly_broken(), -y.kl_max_nats, b);
    };
    const auto kept = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
    std::partial_sort(order.begin(), kept, order.end(), worse);
    order.erase(kept, order.end());
    return order;
}

std::vector<std::size_t> located_breaks(const candidate_result& c, std::size_t most) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < c.items.size() && found.size() < most; ++i)
        if (c.items[i].broken_at) found.push_back(i);
    return found;
}

std::string result_json(const run_result& run) {
    std::string out;
    json_writer w(out, 1);
    w.begin_object().member("schema_version", schema_version);
    w.member("verdict", name_of(run.verdict())).member("exit_code", run.exit_code());
    const bool single = run.candidates.size() == 1;
    write_manifest(w, run, single ? &run.candidates.front() : nullptr);
    write_notes(w, run);
    if (single) {
        write_body(w, run, run.candidates.front());
    } else {
        w.key("candidates").begin_array();
        for (const auto& c : run.candidates) {
            w.begin_object()
                .member("verdict", name_of(c.release.verdict))
                .member("exit_code", c.release.exit_code());
            write_manifest(w, run, &c);
            write_body(w, run, c);
            w.end_object();
        }
        w.end_array();
        write_ranking(w, run);
    }
    w.end_object();
    return out + "\n";
}

result<std::string> items_jsonl(const run_result& run) {
    constexpr std::size_t most_prompt_bytes = 16384;
    std::string out;
    for (std::size_t i = 0; i < run.candidates.front().items.size(); ++i) {
        json_writer w(out);
        const auto& first = run.candidates.front().items[i];
        w.begin_object().member("id", first.id);
        if (run.items) {
            QSLIP_TRY(const auto item, run.items->item(i));
            QSLIP_TRY(const auto prompt,
                      run.prompts ? run.prompts->text(item) : result<std::string>(item.content));
            const auto cut = prompt.size() - std::min(prompt.size(), most_prompt_bytes);
            w.member(item.is_text ? "text" : "prompt", prompt.substr(cut)).member("cut_bytes", cut);
            if (!item.how.tier.empty())
                w.member("tier", item.how.tier).member("complexity", item.how.complexity);
        }
        w.member("base_text", first.base_text).key("candidates").begin_array();
        for (const auto& c : run.candidates) {
            w.begin_object().member("cand_text", c.items[i].cand_text);
            write_numbers(w, c.items[i]);
            w.end_object();
        }
        w.end_array().end_object();
        out += '\n';
    }
    return out;
}

}  // namespace qslip::report
