// The tables of docs/result.md and docs/metrics.md are the lists of the code.
// After a wanted change: QSLIP_UPDATE_GOLDEN=1 report_test, then read the diff.
#include <qslip/detail/gates/cell.hpp>
#include <qslip/detail/metrics/metric.hpp>

#include <doctest/doctest.h>

#include "report/field.hpp"
#include "report/golden_file.hpp"

using namespace qslip;

namespace {

/// `page` with what stands between `<!-- name -->` and `<!-- end -->` replaced by `block`.
std::string with_block(const std::string& page, const std::string& name, const std::string& block) {
    const auto mark = "<!-- " + name + " -->\n";
    const auto begin = page.find(mark), end = page.find("<!-- end -->", begin);
    REQUIRE(begin != page.npos);
    REQUIRE(end != page.npos);
    return page.substr(0, begin + mark.size()) + block + page.substr(end);
}

std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) (out += c == '|' || c == '<' ? "\\" : "") += c;
    return " " + out + " |";
}

std::string code(std::string_view text) { return " `" + std::string(text) + "` |"; }

std::string field_table(std::string_view prefix) {
    static constexpr std::string_view when[] = {"", "may be null", "may be absent"};
    std::string out = "| Field | Unit | | What it says |\n|---|---|---|---|\n";
    for (const auto& f : report::all_fields())
        if (f.path.starts_with("item.") == (prefix == "item."))
            out += "|" + code(f.path.substr(prefix.size())) + cell(report::unit_of(f.kind)) +
                   cell(when[static_cast<int>(f.when)]) + cell(f.text) + "\n";
    return out;
}

std::string name_table() {
    std::string out = "| Name | Stands for |\n|---|---|\n";
    for (const char* name :
         {"<distance>", "<outcome>", "<exclusion>", "<fault>", "<level>", "<sample>", "<side>"}) {
        out += "|" + code(name) + " ";
        const char* separator = "";
        for (const auto& each : report::names_of(name)) {
            out += separator + ("`" + each + "`");
            separator = ", ";
        }
        out += " |\n";
    }
    return out;
}

std::string reason_table() {
    std::string out = "| Reason | Why | What to do |\n|---|---|---|\n";
    for (const auto why : all_reasons)
        out += "|" + code(name_of(why)) + cell(text_of(why)) + cell(next_step_of(why)) + "\n";
    return out;
}

std::string metric_table(metric_use use) {
    static constexpr std::string_view better[] = {"lower", "higher", "near 0"};
    std::string out = "| Id | Unit | Better | What it is |\n|---|---|---|---|\n";
    for (const auto& m : all_metrics)
        if (m.use == use)
            out += "|" + code(m.id) + cell(m.unit) + cell(better[static_cast<int>(m.better)]) + cell(m.text) +
                   "\n";
    return out;
}

}  // namespace

TEST_CASE("docs/result.md lists every field, name and reason") {
    auto page = test::read_file(test::source_path("docs/result.md"));
    page = with_block(page, "fields", field_table(""));
    page = with_block(page, "items", field_table("item."));
    page = with_block(page, "names", name_table());
    page = with_block(page, "reasons", reason_table());
    test::check_golden("docs/result.md", page);
}

TEST_CASE("docs/metrics.md lists every metric") {
    auto page = test::read_file(test::source_path("docs/metrics.md"));
    page = with_block(page, "distances", metric_table(metric_use::displacement));
    page = with_block(page, "outcomes", metric_table(metric_use::outcome));
    test::check_golden("docs/metrics.md", page);
}
