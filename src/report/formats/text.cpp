#include <algorithm>
#include <qslip/detail/core/text.hpp>

#include "report/document.hpp"
#include "report/format.hpp"
#include "report/gate_table.hpp"
#include "report/section.hpp"

namespace qslip::report {
namespace {

constexpr std::size_t max_breaks = 3, max_steps = 6;

using grid_row = std::vector<std::string>;

std::size_t width(const std::string& s) {  // code points; names beyond ASCII are rare
    return static_cast<std::size_t>(
        std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void append_line(const grid_row& row, const std::string& right_aligned,
                 const std::vector<std::size_t>& widths, std::string& out) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string pad(widths[i] - std::min(widths[i], width(row[i])), ' ');
        line += (i ? "  " : "") + (right_aligned[i] == 'r' ? pad + row[i] : row[i] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
}

/// The first row is the heading; `right_aligned` has an r for each column of numbers.
void append_grid(std::vector<grid_row> rows, const std::string& right_aligned, std::string& out) {
    std::vector<std::size_t> widths(right_aligned.size());
    for (auto& row : rows)
        for (std::size_t i = 0; i < widths.size(); ++i) {
            row[i] = escaped(row[i]);
            widths[i] = std::max(widths[i], width(row[i]));
        }
    for (const auto& row : rows) append_line(row, right_aligned, widths, out);
}

void append_section(const section& s, std::string& out) {
    std::string alignment;
    std::vector<grid_row> grid(1);
    for (const auto& c : s.columns) {
        grid.front().push_back(c.heading);
        alignment += is_number(c.kind) ? 'r' : 'l';
    }
    for (const auto& row : s.rows) {
        grid.emplace_back();
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            grid.back().push_back(shown_as(row.cells[i], s.columns[i].kind, row.metric));
    }
    out += "\n" + std::string(s.title) + "\n";
    append_grid(std::move(grid), alignment, out);
}

void append_models(const fact& d, const fact& candidate, std::string& out) {
    const auto row = [](const char* what, const fact& model, const std::string& mode) {
        return grid_row{what, model["name"].text(), model["dtype"].text() + " in " + mode,
                        "sha256 " + model["sha256"].text().substr(0, 8)};
    };
    append_grid({row("base", d["base"], d["manifest"]["engine"]["mode_base"].text()),
                 row("candidate", candidate, candidate["mode"].text())},
                "llll", out);
    const auto& all = candidate["slices"].items().front();
    out +=
        grouped(all["prompts"].count()) + " prompts, " + grouped(all["positions"].count()) + " positions\n";
}

/// Without `verbose`, cells that ask for nothing are counted; a run without gates shows them all.
void append_gates(const fact& candidate, bool verbose, std::string& out) {
    const auto cells = ordered_cells(candidate);
    const auto n_asking = std::ranges::count_if(cells, [](const fact* c) { return asks_for_a_look(*c); });
    const bool all = verbose || n_asking == 0;
    std::vector<grid_row> grid = {
        {"slice", "n", "metric", "base", "cand", "change", "one-sided bounds", "state", ""}};
    for (const auto* cell : cells) {
        if (!all && !asks_for_a_look(*cell)) continue;
        const auto r = gate_row_of(*cell);
        grid.push_back({r.slice, r.n, r.metric, r.base, r.cand, r.change, r.bounds, r.state, r.allowed});
    }
    const auto n_hidden = cells.size() + 1 - grid.size();
    append_grid(std::move(grid), "lrlrrrlll", out);
    if (n_hidden) out += "and " + grouped(n_hidden) + " that decide nothing (--verbose)\n";
}

void append_lines(const char* title, const std::vector<std::string>& lines, std::size_t max_lines,
                  std::string& out) {
    if (lines.empty()) return;
    out += "\n" + std::string(title) + "\n";
    for (std::size_t i = 0; i < lines.size() && i < max_lines; ++i) out += "  " + lines[i] + "\n";
    if (lines.size() > max_lines) out += "  and " + grouped(lines.size() - max_lines) + " more\n";
}

void append_candidate(const fact& d, const fact& candidate, bool verbose, std::string& out) {
    const std::size_t no_limit = ~std::size_t{};
    append_models(d, candidate, out);
    out += "verdict " + candidate["verdict"].text() + "   " + verdict_text(candidate) + "\n\n";
    append_gates(candidate, verbose, out);
    append_lines("what to do", steps_of(candidate), verbose ? no_limit : max_steps, out);
    for (const auto& section : sections_of(candidate))
        if (verbose || section.when == shown::always) append_section(section, out);
    append_lines("where answers broke", break_texts(candidate), verbose ? no_limit : max_breaks, out);
    if (const auto slip = first_slip_text(candidate); !slip.empty()) out += "\nfirst slip: " + slip + "\n";
    out += "\n";
}

}  // namespace

std::string text(const document& d, text_style style) {
    std::string out;
    for (const auto& candidate : d.facts()["candidates"].items())
        append_candidate(d.facts(), candidate, style.verbose, out);
    if (const auto ranking = ranking_of(d.facts()); !ranking.rows.empty()) {
        out.pop_back();
        append_section(ranking, out);
        out += "\n";
    }
    return out;
}

std::string text(const document& d) { return text(d, {}); }

}  // namespace qslip::report
