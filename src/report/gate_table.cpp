#include "report/gate_table.hpp"
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>

#include <qslip/detail/gates/cell.hpp>
#include <qslip/detail/metrics/metric.hpp>

#include <algorithm>

#include "report/format.hpp"
#include "report/section.hpp"

namespace qslip::report {
namespace {

bool is_outcome(const fact& cell) {
    const auto metric = find_metric(cell["metric"].text());
    return metric && metric->use == metric_use::outcome;
}

std::string amount(const fact& cell, const fact& x) {
    return shown_as(x, field_kind::amount, find_metric(cell["metric"].text()));
}

std::string bounds_of(const fact& cell) {
    const auto &lower = cell["lower"], &upper = cell["upper"];
    if (lower.is_null() || upper.is_null()) return "";
    if (is_outcome(cell)) return "[" + points(lower.number()) + ", " + points(upper.number()) + "] pt";
    const auto metric = find_metric(cell["metric"].text());
    if (metric && metric->form == metric_form::rate)
        return "[" + fixed(100 * lower.number(), 1) + ", " + fixed(100 * upper.number(), 1) + "] %";
    return "[" + significant(lower.number(), 3) + ", " + significant(upper.number(), 3) + "]";
}

std::string allowed(const fact& cell) {
    if (cell["role"].text() == cell_role_name(cell_role::tripwire))
        return "below " + amount(cell, cell["budget"]);
    if (!is_deciding(cell)) return "";
    const bool loss = cell["direction"].text() == "loss";
    return "allowed " + points(loss ? -cell["budget"].number() : cell["budget"].number());
}

std::string resolution_note(const fact& cell) {
    if (!cell["below_resolution"].flag()) return "";
    return cell["rerun_f32"].flag() ? "below resolution, run again in F32"
                                    : "below resolution: --mode f32 shows the weights alone";
}

std::string joined(const std::string& a, const std::string& b) {
    return a + (a.empty() || b.empty() ? "" : "; ") + b;
}

/// Smaller comes first.
int rank(const fact& cell) {
    const auto& state = cell["state"].text();
    const int later = is_deciding(cell) ? 0 : asks_for_a_look(cell) ? 10 : state != "INFO" ? 20 : 30;
    for (const auto v : all_verdicts)
        if (state == name_of(v)) return later - static_cast<int>(v);
    return later;
}

std::size_t count(const fact& candidate, qslip::verdict state) {
    return static_cast<std::size_t>(std::ranges::count_if(candidate["gates"].items(), [&](const fact& cell) {
        return is_deciding(cell) && cell["state"].text() == name_of(state);
    }));
}

/// "gated damage < 3.0 pt (at most 1.1), guarded slices < 10.0 pt (at most 7.4)"
std::string claims_of(const fact& candidate) {
    std::string text;
    for (const auto& claim : candidate["claims"].items()) {
        text += text.empty() ? "" : ", ";
        text += claim["role"].text() == "gate" ? "gated damage" : "guarded slices";
        text += " < " + fixed(100 * claim["budget"].number(), 1) + " pt";
        if (const auto& most = claim["damage_upper"]; !most.is_null())
            text += " (at most " + fixed(100 * most.number(), 1) + ")";
    }
    return text;
}

std::string break_text(const fact& item) {
    const auto& at = item["broken_at"];
    const auto &where = at["instance_location"].text(), &keyword = at["keyword"].text();
    return escaped(item["id"].text()) + " byte " + grouped(at["byte"].count()) +
           (where.empty() ? "" : " at " + escaped(where)) + " (" +
           (keyword.empty() ? "no JSON" : escaped(keyword)) +
           "): " + (at["token"].text().empty() ? "ended" : quoted(at["token"].text())) +
           " where the base has " + quoted(at["base_token"].text()) + ", margin " +
           fixed(at["base_margin_nats"].number(), 2) + " nats";
}

/// "<why> <next step>" of a cell that is not settled; else empty.
std::string step_of(const fact& cell) {
    const auto& state = cell["state"].text();
    const bool is_settled = state == name_of(qslip::verdict::pass) || state == "INFO" || state == "QUIET";
    if (is_settled || cell["next_step"].text().empty()) return "";
    return cell["reason_text"].text() + " " + cell["next_step"].text();
}

/// "a, b, c and 7 more"
std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t max_names = 3;
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < max_names; ++i) out += (i ? ", " : "") + names[i];
    return names.size() > max_names ? out + " and " + grouped(names.size() - max_names) + " more" : out;
}

}  // namespace

bool is_deciding(const fact& cell) {
    const auto role = find_cell_role(cell["role"].text());
    return role && decides(*role);
}

bool asks_for_a_look(const fact& cell) {
    const auto& state = cell["state"].text();
    return is_deciding(cell) || (state != "INFO" && state != "QUIET");
}

gate_row gate_row_of(const fact& cell) {
    gate_row row;
    row.slice = cell["slice"].text();
    row.n = grouped(cell["n"].count());
    row.metric = cell["metric"].text();
    row.base = shown_as(cell["base"], field_kind::share, {});
    row.cand =
        is_outcome(cell) ? shown_as(cell["cand"], field_kind::share, {}) : amount(cell, cell["distance"]);
    row.change = cell["change"].is_null() ? "-" : points(cell["change"].number());
    row.bounds = bounds_of(cell);
    row.state = cell["state"].text();
    row.allowed = joined(allowed(cell), resolution_note(cell));
    if (cell["degraded_within_budget"].flag()) row.allowed += "; degraded within budget";
    return row;
}

std::vector<const fact*> ordered_cells(const fact& candidate) {
    std::vector<const fact*> cells;
    for (const auto& cell : candidate["gates"].items()) cells.push_back(&cell);
    std::ranges::stable_sort(cells, {}, [](const fact* cell) { return rank(*cell); });
    return cells;
}

std::string verdict_text(const fact& candidate) {
    const auto& name = candidate["verdict"].text();
    if (name == name_of(qslip::verdict::measured)) return "no slice has a task to gate";
    if (name == name_of(qslip::verdict::pass)) return claims_of(candidate);
    const auto n_deciding = std::ranges::count_if(candidate["gates"].items(), is_deciding);
    auto line = grouped(count(candidate, qslip::verdict::fail)) + " of " +
                grouped(static_cast<std::uint64_t>(n_deciding)) + " gates and guards failed, " +
                grouped(count(candidate, qslip::verdict::inconclusive)) + " inconclusive";
    if (const auto n = count(candidate, qslip::verdict::not_comparable))
        line += ", " + grouped(n) + " not comparable";
    for (const auto& slice : candidate["missing_slices"].items())
        line += "; missing slice " + quoted(slice.text());
    return line;
}

std::vector<std::string> steps_of(const fact& candidate) {
    struct group {
        std::string state, step;
        std::vector<std::string> cells;
    };
    std::vector<group> groups;
    for (const auto* cell : ordered_cells(candidate)) {
        const auto& state = (*cell)["state"].text();
        const auto step = step_of(*cell);
        if (step.empty()) continue;
        auto at =
            std::ranges::find_if(groups, [&](const group& g) { return g.state == state && g.step == step; });
        if (at == groups.end()) at = groups.insert(at, {state, step, {}});
        at->cells.push_back(escaped((*cell)["slice"].text()) + " " + (*cell)["metric"].text());
    }
    std::vector<std::string> lines;
    for (const auto& g : groups) lines.push_back(g.state + " " + listed(g.cells) + ": " + g.step);
    return lines;
}

std::string first_slip_text(const fact& candidate) {
    const auto& slip = candidate["first_slip"];
    if (slip.is_null()) return "";
    return escaped(slip["id"].text()) + " at token " + grouped(slip["token_index"].count()) + " (" +
           quoted(slip["base_token"].text()) + " -> " + quoted(slip["cand_token"].text()) + "), margin " +
           fixed(slip["margin_nats"].number(), 2) + " nats";
}

std::vector<std::string> break_texts(const fact& candidate) {
    std::vector<std::string> lines;
    for (const auto& item : candidate["examples"].items())
        if (item.find("broken_at")) lines.push_back(break_text(item));
    return lines;
}

}  // namespace qslip::report
