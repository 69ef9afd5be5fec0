#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/utf8.hpp>
#include <qslip/report.hpp>

#include <algorithm>
#include <vector>

#include "report/format.hpp"

namespace qslip::report {
namespace {

constexpr std::size_t max_breaks = 3;

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

void append_table(const std::vector<table_row>& rows, std::string& out) {
    std::vector<grid_row> grid = {
        {"slice", "n", "metric", "base", "cand", "change", "one-sided bounds", "state", ""}};
    for (const auto& r : rows)
        grid.push_back({r.slice, r.n, r.metric, r.base, r.cand, r.change, r.bounds, r.state, r.note});
    append_grid(std::move(grid), "lrlrrrlll", out);
}

void append_compliance(const run_result& run, const candidate_result& candidate, std::string& out) {
    const auto rows = compliance_rows(run, candidate);
    if (rows.empty()) return;
    std::vector<grid_row> grid = {
        {"valid JSON", "n", "base", "bounds %", "cand", "bounds %", "change", "to retry", "tool calls"}};
    for (const auto& r : rows)
        grid.push_back(
            {r.slice, r.n, r.base, r.base_bounds, r.cand, r.cand_bounds, r.change, r.retries, r.tool_calls});
    out += "\n";
    append_grid(std::move(grid), "lrrlrlrrl", out);
    if (const auto faults = format_faults_line(candidate); !faults.empty()) out += "faults: " + faults + "\n";
    for (const auto i : located_breaks(candidate, max_breaks))
        out += "broke: " + break_line(candidate.items[i]) + "\n";
}

std::string arm(const model_identity& info, numerics mode) {
    return info.dtype + " in " + upper(mode) + "  sha256 " + info.sha256.substr(0, 8);
}

}  // namespace

std::string text(const run_result& run) {
    std::string out;
    for (const auto& candidate : run.candidates) {
        const auto& all = candidate.slices.front();
        out += "base  " + escaped(run.base.name) + " " + arm(run.base, *run.manifest.settings.mode_base) +
               "    candidate  " + arm(candidate.arm, candidate.mode) + "    " + grouped(all.prompts) +
               " prompts, " + grouped(all.positions.n_positions()) + " positions, " + run.facts.isa +
               ", seed " + std::to_string(run.manifest.settings.seed) + "\n";
        out += verdict_line(candidate.release) + "\n\n";
        append_table(table_rows(candidate), out);
        if (const auto modes = modes_line(candidate); !modes.empty()) out += "\n" + modes + "\n";
        if (const auto line = attention_line(candidate); !line.empty()) out += "\n" + line + "\n";
        append_compliance(run, candidate, out);
        if (const auto slip = first_slip_line(candidate); !slip.empty()) out += "\n" + slip + "\n";
        out += "\n";
    }
    return out;
}

}  // namespace qslip::report
