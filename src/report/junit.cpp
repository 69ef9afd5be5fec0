#include <qslip/report.hpp>

#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "report/format.hpp"

namespace qslip::report {
namespace {

struct tally {
    unsigned tests = 0, failures = 0, errors = 0, skipped = 0;
};

void write_tally(pugi::xml_node node, const tally& t) {
    node.append_attribute("tests") = t.tests;
    node.append_attribute("failures") = t.failures;
    node.append_attribute("errors") = t.errors;
    node.append_attribute("skipped") = t.skipped;
}

/// XML 1.0 has no way to write most control characters.
std::string printable(std::string s) {
    for (auto& c : s)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') c = '?';
    return s;
}

void write_properties(pugi::xml_node node, const cell_report& cell) {
    auto properties = node.append_child("properties");
    const auto put = [&](const char* name, const std::optional<double>& number) {
        if (!number) return;
        auto property = properties.append_child("property");
        property.append_attribute("name") = name;
        property.append_attribute("value") = shortest(*number).c_str();
    };
    put("base", cell.base);
    put("cand", cell.cand);
    put("delta", cell.delta);
    for (const auto& [arm, bounds] :
         {std::pair(std::string("base"), cell.base_bounds), {"cand", cell.cand_bounds}}) {
        if (!bounds) continue;
        put((arm + "_lower").c_str(), bounds->lower);
        put((arm + "_upper").c_str(), bounds->upper);
    }
    put("lower", cell.lower);
    put("upper", cell.upper);
    put("budget", cell.budget);
    put("n", static_cast<double>(cell.n));
    put("n_needed", cell.n_needed);
}

void write_outcome(pugi::xml_node node, const cell_report& cell, const table_row& row, tally& t) {
    const auto message = cell.metric + " " + row.state + ": " + row.cand + " vs " + row.base + " (change " +
                         row.change + " " + row.bounds + ", n=" + row.n + "); " + row.note;
    const auto put = [&](const char* kind, unsigned& counter) {
        ++counter;
        node.append_child(kind).append_attribute("message") = printable(message).c_str();
    };
    if (cell.state == verdict::fail) put("failure", t.failures);
    if (cell.state == verdict::not_comparable) put("error", t.errors);
    if (cell.state == verdict::inconclusive) put("skipped", t.skipped);
}

void write_case(pugi::xml_node suite, const cell_report& cell, const table_row& row,
                const std::string& class_name, tally& t) {
    ++t.tests;
    auto node = suite.append_child("testcase");
    node.append_attribute("name") = cell.metric.c_str();
    node.append_attribute("classname") = class_name.c_str();
    write_properties(node, cell);
    write_outcome(node, cell, row, t);
}

void write_candidate(pugi::xml_node root, const candidate_result& candidate, const std::string& prefix,
                     tally& total) {
    std::map<std::string, std::vector<const cell_report*>> by_slice;
    for (const auto& cell : candidate.release.cells)
        if (decides(cell.role)) by_slice[cell.slice].push_back(&cell);
    for (const auto& [slice, cells] : by_slice) {
        tally t;
        const auto name = printable(prefix + slice);
        auto suite = root.append_child("testsuite");
        suite.append_attribute("name") = name.c_str();
        for (const auto* cell : cells) write_case(suite, *cell, row_of(*cell), "qslip." + name, t);
        write_tally(suite, t);
        total = {total.tests + t.tests, total.failures + t.failures, total.errors + t.errors,
                 total.skipped + t.skipped};
    }
}

}  // namespace

std::string junit(const run_result& run) {
    pugi::xml_document document;
    auto root = document.append_child("testsuites");
    root.append_attribute("name") = "qslip";
    tally total;
    for (std::size_t i = 0; i < run.candidates.size(); ++i)
        write_candidate(root, run.candidates[i],
                        run.candidates.size() > 1 ? "candidate " + std::to_string(i + 1) + "/" : "", total);
    write_tally(root, total);
    std::ostringstream out;
    document.save(out, "  ");
    return out.str();
}

}  // namespace qslip::report
