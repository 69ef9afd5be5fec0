#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "report/document.hpp"
#include "report/format.hpp"
#include "report/gate_table.hpp"
#include "report/section.hpp"

namespace qslip::report {
namespace {

struct tally {
    unsigned tests = 0, failures = 0, errors = 0, skipped = 0;

    void add(const tally& other) {
        tests += other.tests;
        failures += other.failures;
        errors += other.errors;
        skipped += other.skipped;
    }
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

/// Every number of the cell, by its key in result.json.
void write_properties(pugi::xml_node node, const fact& cell) {
    auto properties = node.append_child("properties");
    for (const auto& [key, value] : cell.members()) {
        if (!value.is_number()) continue;
        auto property = properties.append_child("property");
        property.append_attribute("name") = key.c_str();
        property.append_attribute("value") = shortest(value.number()).c_str();
    }
}

void write_state(pugi::xml_node node, const fact& cell, tally& t) {
    const auto row = gate_row_of(cell);
    const auto& state = cell["state"].text();
    const auto message = cell["metric"].text() + " " + state + ": " + row.cand + " vs " + row.base +
                         " (change " + row.change + " " + row.bounds + ", " + row.allowed + ", n=" + row.n +
                         "). " + cell["reason_text"].text() + " " + cell["next_step"].text();
    const auto put = [&](const char* kind, unsigned& counter) {
        ++counter;
        node.append_child(kind).append_attribute("message") = printable(message).c_str();
    };
    if (state == name_of(qslip::verdict::fail)) put("failure", t.failures);
    if (state == name_of(qslip::verdict::not_comparable)) put("error", t.errors);
    if (state == name_of(qslip::verdict::inconclusive)) put("skipped", t.skipped);
}

pugi::xml_node add_case(pugi::xml_node suite, const std::string& class_name, const std::string& name,
                        tally& t) {
    ++t.tests;
    auto node = suite.append_child("testcase");
    node.append_attribute("name") = name.c_str();
    node.append_attribute("classname") = class_name.c_str();
    return node;
}

/// A tool that takes a file without a case for a failure is told that the run was a measurement.
void write_measured(pugi::xml_node root, const std::string& class_name, tally& total) {
    tally t;
    auto suite = root.append_child("testsuite");
    suite.append_attribute("name") = "all";
    add_case(suite, class_name, "measured", t);
    write_tally(suite, t);
    total.add(t);
}

void write_candidate(pugi::xml_node root, const fact& candidate, tally& total) {
    const auto class_name = "qslip." + printable(candidate["name"].text());
    std::map<std::string, std::vector<const fact*>> by_slice;
    for (const auto& cell : candidate["gates"].items())
        if (is_deciding(cell)) by_slice[cell["slice"].text()].push_back(&cell);
    if (by_slice.empty()) return write_measured(root, class_name, total);
    for (const auto& [slice, cells] : by_slice) {
        tally t;
        auto suite = root.append_child("testsuite");
        suite.append_attribute("name") = printable(slice).c_str();
        for (const auto* cell : cells) {
            auto node = add_case(suite, class_name, printable(slice + " " + (*cell)["metric"].text()), t);
            write_properties(node, *cell);
            write_state(node, *cell, t);
        }
        write_tally(suite, t);
        total.add(t);
    }
}

}  // namespace

std::string junit(const document& d) {
    pugi::xml_document xml;
    auto root = xml.append_child("testsuites");
    root.append_attribute("name") = "qslip";
    tally total;
    for (const auto& candidate : d.facts()["candidates"].items()) write_candidate(root, candidate, total);
    write_tally(root, total);
    std::ostringstream out;
    xml.save(out, "  ");
    return out.str();
}

}  // namespace qslip::report
