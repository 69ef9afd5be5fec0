#include <algorithm>
#include <qslip/detail/core/text.hpp>

#include "report/document.hpp"
#include "report/format.hpp"
#include "report/gate_table.hpp"
#include "report/section.hpp"

namespace qslip::report {
namespace {

constexpr std::size_t max_bytes = 60 * 1024;  // a pull-request comment holds 64 KiB
constexpr std::size_t max_breaks = 10, max_line_bytes = 400;

/// Text from a file inside a table: one line, and no mark of Markdown or HTML keeps its meaning.
std::string plain(const std::string& s) {
    std::string out;
    for (const char c : s) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            out += ' ';
        else {
            if (std::string_view("\\|*_`[]").find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
    }
    return out;
}

/// A page that stops before its limit and counts what it left out.
class page {
public:
    explicit page(std::size_t limit) : limit_(limit) {}

    void add(const std::string& text) {
        if (fits(text)) out_ += text;
    }
    void add_table(const std::string& title, const std::vector<std::vector<std::string>>& rows,
                   const std::string& alignment) {
        std::string head = title.empty() ? "" : "\n**" + plain(title) + "**\n\n";
        head += line_of(rows.front()) + "|";
        for (const char c : alignment) head += c == 'r' ? "--:|" : "---|";
        if (!fits(head + "\n")) return;
        out_ += head + "\n";
        std::size_t shown = 1;
        while (shown < rows.size() && fits(line_of(rows[shown]))) out_ += line_of(rows[shown++]);
        if (shown < rows.size()) out_ += "\nand " + grouped(rows.size() - shown) + " more in result.json\n";
    }
    std::string text() && { return std::move(out_); }

private:
    static std::string line_of(const std::vector<std::string>& cells) {
        std::string line = "|";
        for (const auto& cell : cells) line += " " + plain(cell) + " |";
        return line + "\n";
    }
    bool fits(const std::string& more) const {
        constexpr std::size_t room_for_count = 64;
        return out_.size() + more.size() + room_for_count <= limit_;
    }
    std::string out_;
    std::size_t limit_;
};

void add_section(const section& s, page& out) {
    std::string alignment;
    std::vector<std::vector<std::string>> rows(1);
    for (const auto& c : s.columns) {
        rows.front().push_back(c.heading);
        alignment += is_number(c.kind) ? 'r' : 'l';
    }
    for (const auto& row : s.rows) {
        rows.emplace_back();
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            rows.back().push_back(shown_as(row.cells[i], s.columns[i].kind, row.metric));
    }
    out.add_table(std::string(s.title), rows, alignment);
}

void add_gates(const fact& candidate, page& out) {
    std::vector<std::vector<std::string>> rows = {
        {"slice", "n", "metric", "base", "cand", "change", "one-sided bounds", "state", ""}};
    for (const auto* cell : ordered_cells(candidate)) {
        const auto r = gate_row_of(*cell);
        rows.push_back({r.slice, r.n, r.metric, r.base, r.cand, r.change, r.bounds, r.state, r.allowed});
    }
    out.add_table("", rows, "lrlrrrlll");
}

void add_lines(const char* title, const std::vector<std::string>& lines, std::size_t max_lines, page& out) {
    if (lines.empty()) return;
    out.add("\n**" + std::string(title) + "**\n\n");
    for (std::size_t i = 0; i < lines.size() && i < max_lines; ++i)
        out.add("- " + plain(lines[i].substr(0, max_line_bytes)) + "\n");
    if (lines.size() > max_lines) out.add("- and " + grouped(lines.size() - max_lines) + " more\n");
}

std::string model_text(const fact& model, const std::string& mode) {
    return "**" + plain(model["name"].text()) + "** (" + plain(model["dtype"].text()) + " in " + mode +
           ", `" + model["sha256"].text().substr(0, 12) + "`)";
}

void add_candidate(const fact& d, const fact& candidate, page& out) {
    const auto& all = candidate["slices"].items().front();
    out.add("## " + plain(candidate["name"].text()) + ": " + candidate["verdict"].text() + "\n\n");
    out.add(plain(verdict_text(candidate)) + "\n\n");
    out.add("base " + model_text(d["base"], d["manifest"]["engine"]["mode_base"].text()) + ", candidate " +
            model_text(candidate, candidate["mode"].text()) + ", " + grouped(all["prompts"].count()) +
            " prompts, " + grouped(all["positions"].count()) + " scored positions\n\n");
    add_gates(candidate, out);
    add_lines("What to do", steps_of(candidate), ~std::size_t{}, out);
    add_lines("Where answers broke (first byte that violates the schema)", break_texts(candidate), max_breaks,
              out);
    if (const auto slip = first_slip_text(candidate); !slip.empty())
        out.add("\nfirst slip: " + plain(slip.substr(0, max_line_bytes)) + "\n");
    for (const auto when : {shown::always, shown::verbose})
        for (const auto& section : sections_of(candidate))
            if (section.when == when) add_section(section, out);
    out.add("\n");
}

}  // namespace

std::string markdown(const document& d) {
    constexpr std::size_t head_bytes = 4096;
    const auto& facts = d.facts();
    const auto& candidates = facts["candidates"].items();
    page head(head_bytes);
    head.add("# qslip: " + facts["verdict"].text() + "\n\n");
    for (const auto& note : facts["notes"].items()) head.add("> note: " + plain(note.text()) + "\n\n");
    if (const auto ranking = ranking_of(facts); !ranking.rows.empty()) {
        add_section(ranking, head);
        head.add("\n");
    }
    auto out = std::move(head).text();
    for (const auto& candidate : candidates) {
        page body((max_bytes - head_bytes) / candidates.size());
        add_candidate(facts, candidate, body);
        out += std::move(body).text();
    }
    return out;
}

}  // namespace qslip::report
