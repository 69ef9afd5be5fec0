#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/report.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

#include "report/format.hpp"

namespace qslip::report {
namespace {

bool is_share(const cell_report& cell) {
    const auto metric = find_metric(cell.metric);
    return metric && metric->form == metric_form::rate;
}
bool is_outcome(const cell_report& cell) {
    const auto metric = find_metric(cell.metric);
    return metric && metric->use == metric_use::outcome;
}

std::string amount(const cell_report& cell, double x) {
    return is_share(cell) ? percent(x) : significant(x, 3);
}

std::string interval(const cell_report& cell, double low, double high) {
    if (is_outcome(cell)) return "[" + points(low) + ", " + points(high) + "] pt";
    if (is_share(cell)) return "[" + fixed(100 * low, 1) + ", " + fixed(100 * high, 1) + "] %";
    return "[" + significant(low, 3) + ", " + significant(high, 3) + "]";
}

/// Damage is positive when the candidate is worse; a reader wants candidate minus base.
double as_change(const cell_report& cell, double damage) {
    return cell.direction == damage_direction::loss ? -damage : damage;
}

void fill_outcome(const cell_report& cell, table_row& row) {
    row.base = or_dash(cell.base, percent);
    row.cand = or_dash(cell.cand, percent);
    if (cell.delta) row.change = points(as_change(cell, *cell.delta));
    if (!cell.lower || !cell.upper) return;
    const double a = as_change(cell, *cell.lower), b = as_change(cell, *cell.upper);
    row.bounds = interval(cell, std::min(a, b), std::max(a, b));
}

void fill_displacement(const cell_report& cell, table_row& row) {
    row.base = "-";
    row.cand = cell.delta ? amount(cell, *cell.delta) : "-";
    row.change = "-";
    if (cell.lower && cell.upper) row.bounds = interval(cell, *cell.lower, *cell.upper);
}

std::string allowed(const cell_report& cell) {
    if (cell.role == cell_role::tripwire) return "below " + amount(cell, cell.budget);
    return decides(cell.role) ? "allowed " + points(as_change(cell, cell.budget)) : "";
}

std::string rows_needed(const std::optional<double>& n) {
    return n ? grouped(static_cast<std::uint64_t>(std::ceil(*n))) : "no number of prompts";
}

std::string needed(const cell_report& cell) {
    auto note = "needs n = " + rows_needed(cell.n_needed) + " if unharmed";
    if (cell.delta.value_or(0) > 0)
        note += ", " + rows_needed(cell.n_needed_observed) + " at the observed damage";
    return note;
}

/// Why a deciding cell did not pass, and what would settle it.
std::string shortfall(const cell_report& cell) {
    if (cell.state == verdict::pass) return cell.degraded_within_budget ? "degraded within budget" : "";
    if (cell.state == verdict::fail && cell.why == verdict_reason::budget) return "";
    const bool only_rows = cell.why == verdict_reason::underpowered || cell.why == verdict_reason::borderline;
    if (only_rows) return needed(cell);
    const bool thin =
        cell.state == verdict::inconclusive && static_cast<double>(cell.n) < cell.n_needed.value_or(0);
    return text_of(cell.why) + (thin ? "; " + needed(cell) : std::string());
}

std::string state_of(const cell_report& cell) {
    if (cell.role == cell_role::info) return "info";
    if (cell.role == cell_role::tripwire) return cell.tripped ? "TRIPPED" : "quiet";
    return name_of(cell.state);
}

/// Smaller comes first: deciding cells by badness, then touched tripwires, the quiet ones, info.
int rank(const cell_report& cell) {
    if (decides(cell.role)) return -static_cast<int>(cell.state);
    if (cell.role == cell_role::tripwire) return cell.tripped ? 1 : 2;
    return 3;
}

std::size_t count(const release_report& release, verdict state) {
    return static_cast<std::size_t>(
        std::count_if(release.cells.begin(), release.cells.end(),
                      [&](const auto& c) { return decides(c.role) && c.state == state; }));
}

/// "pooled damage < 2.0 pt (at most 1.1), every slice < 10.0 pt (at most 7.4)"
std::string claim(const release_report& release) {
    const auto part = [](const char* what, const std::optional<double>& budget,
                         const std::optional<double>& upper) {
        if (!budget) return std::string();
        auto text = std::string(what) + " < " + fixed(100 * *budget, 1) + " pt";
        return upper ? text + " (at most " + fixed(100 * *upper, 1) + ")" : text;
    };
    const auto gate = part("gated damage", release.gate_budget, release.gate_upper);
    const auto guard = part("guarded slices", release.guard_budget, release.guard_upper);
    return gate + (gate.empty() || guard.empty() ? "" : ", ") + guard;
}

}  // namespace

table_row row_of(const cell_report& cell) {
    table_row row;
    row.slice = cell.slice;
    row.n = grouped(cell.n);
    row.metric = cell.metric;
    is_outcome(cell) ? fill_outcome(cell, row) : fill_displacement(cell, row);
    row.state = state_of(cell);
    row.note = allowed(cell);
    if (cell.below_resolution)
        row.note += (row.note.empty() ? "" : "; ") +
                    std::string(cell.rerun_f32 ? "below resolution, run again in F32"
                                               : "below resolution: --mode f32 shows the weights alone");
    if (decides(cell.role))
        if (const auto why = shortfall(cell); !why.empty()) row.note += (row.note.empty() ? "" : "; ") + why;
    return row;
}

std::vector<table_row> table_rows(const candidate_result& candidate) {
    std::vector<const cell_report*> cells;
    for (const auto& cell : candidate.release.cells) cells.push_back(&cell);
    std::stable_sort(cells.begin(), cells.end(), [](auto a, auto b) { return rank(*a) < rank(*b); });
    std::vector<table_row> rows;
    for (const auto* cell : cells) rows.push_back(row_of(*cell));
    return rows;
}

std::string modes_line(const candidate_result& candidate) {
    const auto& sample = candidate.sample;
    const auto weights = sample.weights.summary(metric::kl_fwd_nats);
    const auto deployed = sample.deployed.summary(metric::kl_fwd_nats);
    if (!weights || !deployed) return "";
    auto line = "sample of " + grouped(sample.weights.n_positions()) +
                " positions, mean KL in nats: weights " + significant(weights->mean, 3) + ", deployed (A8) " +
                significant(deployed->mean, 3);
    const auto floor = sample.floor.summary(metric::kl_fwd_nats);
    if (!floor) return line + ", kernel floor none (F32)";
    return line + ", kernel floor (" + upper(candidate.mode) + ") " + significant(floor->mean, 3) + " (p99 " +
           significant(floor->quantiles->q99, 3) + ", " + grouped(sample.floor.flips().flips()) + " flips)";
}

std::string attention_line(const candidate_result& candidate) {
    using quantity = metrics::attention_quantity;
    const auto& seen = candidate.attention;
    if (seen.n_positions() == 0) return "";
    double most = -1;
    std::string where;
    for (std::size_t layer = 0; layer < seen.n_layers(); ++layer)
        for (std::size_t head = 0; head < seen.n_heads(); ++head) {
            if (seen.mean(layer, head, quantity::kl_nats) <= most) continue;
            most = seen.mean(layer, head, quantity::kl_nats);
            where = "layer " + std::to_string(layer) + " head " + std::to_string(head);
        }
    return "attention over " + grouped(seen.n_positions()) + " positions, KL in nats: mean " +
           significant(seen.mean(quantity::kl_nats), 3) + ", most " + significant(most, 3) + " in " + where +
           "; entropy " + significant(seen.mean(quantity::entropy_base_nats), 3) + " -> " +
           significant(seen.mean(quantity::entropy_cand_nats), 3) + ", sink mass " +
           percent(seen.mean(quantity::sink_mass_base)) + " -> " +
           percent(seen.mean(quantity::sink_mass_cand));
}

namespace {

std::string share(const metrics::side_rate& r) { return percent(r.rate); }
std::string bounds_of(const metrics::side_rate& r) {
    return "[" + fixed(100 * r.bounds.lower, 1) + ", " + fixed(100 * r.bounds.upper, 1) + "]";
}

compliance_row compliance_of(const std::string& slice, const metrics::outcome_table& outcomes) {
    const auto& pair = outcomes.at(metric::json_valid);
    const auto base = *metrics::rate_of(pair, metrics::side::base),
               cand = *metrics::rate_of(pair, metrics::side::cand);
    compliance_row row{slice,
                       grouped(pair.total().n()),
                       share(base),
                       bounds_of(base),
                       share(cand),
                       bounds_of(cand),
                       points(cand.rate - base.rate),
                       percent(1 - base.rate) + " -> " + percent(1 - cand.rate),
                       ""};
    const auto& calls = outcomes.at(metric::tool_called).total();
    if (calls.n() == 0) return row;
    row.tool_calls = "both " + grouped(calls.n11) + ", base only " + grouped(calls.n10) + ", cand only " +
                     grouped(calls.n01) + ", neither " + grouped(calls.n00);
    if (const auto f1 = metrics::trigger_f1(calls)) row.tool_calls += ", F1 " + fixed(*f1, 2);
    return row;
}

}  // namespace

std::vector<compliance_row> compliance_rows(const run_result& run, const candidate_result& candidate) {
    std::vector<compliance_row> rows, others;
    for (std::size_t i = 0; i < candidate.slices.size(); ++i) {
        const auto& outcomes = candidate.slices[i].outcomes;
        if (outcomes.at(metric::json_valid).total().n() == 0) continue;
        const auto& slice = run.slices[i];
        const bool early = i == 0 || !slice.selector.complexity_classes.empty();
        (early ? rows : others).push_back(compliance_of(slice.name, outcomes));
    }
    rows.insert(rows.end(), others.begin(), others.end());
    return rows;
}

std::string format_faults_line(const candidate_result& candidate) {
    const auto& formats = candidate.slices.front().formats;
    std::string line;
    for (std::size_t i = 0; i < metrics::n_format_faults; ++i) {
        const auto base = formats.at(metrics::side::base).faults[i],
                   cand = formats.at(metrics::side::cand).faults[i];
        if (base + cand == 0) continue;
        line += (line.empty() ? "" : ", ") + std::string(metrics::format_fault_ids[i]) + " " + grouped(base) +
                " -> " + grouped(cand);
    }
    return line;
}

std::string break_line(const item_result& item) {
    const auto& at = *item.broken_at;
    const auto where = at.instance_location.empty() ? "" : " at " + escaped(at.instance_location);
    return escaped(item.id) + " byte " + grouped(at.byte) + where + " (" +
           (at.keyword.empty() ? "no JSON" : escaped(at.keyword)) +
           "): " + (at.token.empty() ? "ended" : quoted(at.token)) + " where the base has " +
           quoted(at.base_token) + ", margin " + fixed(at.base_margin_nats, 2) + " nats";
}

std::string verdict_line(const release_report& release) {
    std::string line = std::string("verdict ") + name_of(release.verdict) + "   ";
    if (release.verdict == verdict::measured) return line + "no slice has a task to gate";
    if (release.verdict == verdict::pass) return line + claim(release);
    line += grouped(count(release, verdict::fail)) + " of " + grouped(release.n_deciding) +
            " gates and guards failed, " + grouped(count(release, verdict::inconclusive)) + " inconclusive";
    if (const auto n = count(release, verdict::not_comparable)) line += ", " + grouped(n) + " not comparable";
    for (const auto& slice : release.missing_slices) line += "; missing slice " + quoted(slice);
    return line;
}

std::string first_slip_line(const candidate_result& candidate) {
    const item_result* found = nullptr;
    for (const auto& item : candidate.items)
        if (item.slip && (!found || (item.newly_broken() && !found->newly_broken()))) found = &item;
    if (!found) return "";
    const auto& slip = *found->slip;
    return "first slip: " + escaped(found->id) + " at token " + grouped(slip.token_index) + " (" +
           quoted(slip.base_token) + " -> " + quoted(slip.cand_token) + "), margin " +
           fixed(slip.margin_nats, 2) + " nats";
}

}  // namespace qslip::report
