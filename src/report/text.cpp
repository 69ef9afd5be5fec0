#include <qslip/core/text.hpp>
#include <qslip/core/utf8.hpp>
#include <qslip/report/table.hpp>

#include <algorithm>
#include <array>

#include "report/format.hpp"

namespace qslip::report {
namespace {

constexpr std::array<std::string table_row::*, 9> columns = {
    &table_row::slice,  &table_row::n,      &table_row::metric, &table_row::base, &table_row::cand,
    &table_row::change, &table_row::bounds, &table_row::state,  &table_row::note};
constexpr std::array<bool, 9> right_aligned = {false, true, false, true, true, true, false, false, false};

const table_row heading = {"slice", "n", "metric", "base", "cand", "change", "one-sided bounds", "state", ""};

std::size_t width(const std::string& s) {  // code points; names beyond ASCII are rare
    return static_cast<std::size_t>(
        std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void append_line(const table_row& row, const std::array<std::size_t, 9>& widths, std::string& out) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto cell = escaped(row.*columns[i]);
        const std::string pad(widths[i] - std::min(widths[i], width(cell)), ' ');
        line += (i ? "  " : "") + (right_aligned[i] ? pad + cell : cell + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
}

void append_table(const std::vector<table_row>& rows, std::string& out) {
    std::array<std::size_t, 9> widths{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        widths[i] = width(heading.*columns[i]);
        for (const auto& row : rows) widths[i] = std::max(widths[i], width(escaped(row.*columns[i])));
    }
    append_line(heading, widths, out);
    for (const auto& row : rows) append_line(row, widths, out);
}

std::string arm(const arm_info& info, numerics mode) {
    return info.dtype + " in " + upper(mode) + "  sha256 " + info.sha256.substr(0, 8);
}

}  // namespace

std::string text(const run_result& run) {
    std::string out;
    for (const auto& candidate : run.candidates) {
        const auto& all = candidate.slices.front();
        out += "base  " + escaped(run.base.name) + " " + arm(run.base, run.manifest.mode_base) +
               "    candidate  " + arm(candidate.arm, candidate.mode) + "    " + grouped(all.prompts) +
               " prompts, " + grouped(all.positions.n_positions()) + " positions, " + run.facts.isa +
               ", seed " + std::to_string(run.manifest.seed) + "\n";
        out += verdict_line(candidate.release) + "\n\n";
        append_table(table_rows(candidate), out);
        if (const auto modes = modes_line(candidate); !modes.empty()) out += "\n" + modes + "\n";
        if (const auto slip = first_slip_line(candidate); !slip.empty()) out += "\n" + slip + "\n";
        out += "\n";
    }
    return out;
}

}  // namespace qslip::report
