#include <qslip/detail/core/text.hpp>
#include <qslip/report.hpp>

#include "report/format.hpp"

namespace qslip::report {
namespace {

constexpr std::size_t max_bytes = 60 * 1024;  // a pull-request comment holds 64 KiB
constexpr std::size_t max_compliance_rows = 40, max_breaks = 10;

/// Text from a file inside a table: one line, and no mark of Markdown or HTML keeps its meaning.
std::string plain(const std::string& s) {
    std::string out;
    for (const char c : escaped(s)) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else {
            if (c == '|' || c == '*' || c == '_' || c == '`' || c == '[' || c == ']') out += '\\';
            out += c;
        }
    }
    return out;
}

std::string line_of(const table_row& r) {
    std::string line = "|";
    for (const auto* cell :
         {&r.slice, &r.n, &r.metric, &r.base, &r.cand, &r.change, &r.bounds, &r.state, &r.note})
        line += " " + plain(*cell) + " |";
    return line + "\n";
}

void append_compliance(const run_result& run, const candidate_result& c, std::string& out) {
    const auto rows = compliance_rows(run, c);
    if (rows.empty()) return;
    out +=
        "\nValid JSON (answers that satisfy their schema, of all that had to), one-sided 95 % bounds of each "
        "arm:\n\n"
        "| slice | n | base | bounds % | cand | bounds % | change | to retry | tool calls |\n"
        "|---|--:|--:|---|--:|---|--:|--:|---|\n";
    for (std::size_t i = 0; i < rows.size() && i < max_compliance_rows; ++i) {
        const auto& r = rows[i];
        out += "|";
        for (const auto* cell : {&r.slice, &r.n, &r.base, &r.base_bounds, &r.cand, &r.cand_bounds, &r.change,
                                 &r.retries, &r.tool_calls})
            out += " " + plain(*cell) + " |";
        out += "\n";
    }
    if (const auto faults = format_faults_line(c); !faults.empty())
        out += "\nformat faults, base -> candidate: " + plain(faults) + "\n";
    const auto broken = located_breaks(c, max_breaks);
    if (!broken.empty()) out += "\nWhere answers broke (first byte that violates the schema):\n\n";
    for (const auto i : broken) out += "- " + plain(break_line(c.items[i])).substr(0, 400) + "\n";
}

void append_candidate(const run_result& run, const candidate_result& c, std::size_t room, std::string& out) {
    const auto limit = out.size() + room;
    std::string compliance;
    append_compliance(run, c, compliance);
    out += "## " + plain(run.base.dtype) + " to " + plain(c.arm.dtype) + ": " + name_of(c.release.verdict) +
           "\n\n";
    out += plain(verdict_line(c.release)) + "\n\n";
    out += "base " + plain(run.base.name) + " `" + run.base.sha256.substr(0, 12) + "` in " +
           upper(*run.manifest.settings.mode_base) + ", candidate `" + c.arm.sha256.substr(0, 12) + "` in " +
           upper(c.mode) + ", " + grouped(c.slices.front().prompts) + " prompts, " +
           grouped(c.slices.front().positions.n_positions()) + " scored positions\n\n";
    out +=
        "| slice | n | metric | base | cand | change | one-sided bounds | state | |\n"
        "|---|--:|---|--:|--:|--:|---|---|---|\n";
    const auto rows = table_rows(c);
    std::size_t shown = 0;
    while (shown < rows.size() && out.size() + line_of(rows[shown]).size() + compliance.size() + 512 < limit)
        out += line_of(rows[shown++]);
    if (shown < rows.size()) out += "\nand " + grouped(rows.size() - shown) + " more in result.json\n";
    if (const auto modes = modes_line(c); !modes.empty()) out += "\n" + plain(modes) + "\n";
    if (const auto line = attention_line(c); !line.empty()) out += "\n" + plain(line) + "\n";
    out += compliance;
    if (const auto slip = first_slip_line(c); !slip.empty()) out += "\n" + plain(slip).substr(0, 400) + "\n";
    out += "\n";
}

}  // namespace

std::string markdown(const run_result& run) {
    std::string out = "# qslip: " + std::string(name_of(run.verdict())) + "\n\n";
    for (const auto& note : run.notes) out += "> note: " + plain(note) + "\n\n";
    for (const auto& candidate : run.candidates)
        append_candidate(run, candidate, (max_bytes - 1024) / run.candidates.size(), out);
    return out;
}

}  // namespace qslip::report
