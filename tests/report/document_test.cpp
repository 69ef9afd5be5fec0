// result.json is a document written down: reading it back gives the same document.
#include <qslip/report.hpp>

#include <doctest/doctest.h>

#include "report/document.hpp"
#include "report/fixed_run.hpp"

using namespace qslip;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

const std::string& json() {
    static const auto text = report::result_json(test::fixed_run());
    return text;
}

std::string fault_of(const std::string& text) {
    const auto read = report::read_document(text, "r.json");
    REQUIRE_FALSE(read.ok());
    return read.status().message();
}

}  // namespace

TEST_CASE("a document survives result.json: the same facts, the same bytes, the same reports") {
    const report::document told(test::fixed_run());
    const auto read = report::read_document(json());
    REQUIRE_MESSAGE(read.ok(), read.status().message());
    CHECK(read->facts() == told.facts());
    CHECK(report::result_json(*read) == json());
    for (const auto& format : report::all_formats()) CHECK(format.render(*read) == format.render(told));
}

TEST_CASE("numbers beyond 64 bits, texts that are not UTF-8 and what is not finite survive too") {
    auto run = test::fixed_run();
    auto& item = run.candidates[0].items[0];
    item.base_text = "\xFF cut \xC3";
    item.kl_max_nats = 123456789012345680000.0;
    item.slip->margin_nats = -0.0;
    run.candidates[0].release.cells[0].n_needed = INFINITY;
    run.candidates[0].release.cells[1].n_needed = 18446744073709551616.0;
    const auto text = report::result_json(run);
    const auto read = report::read_document(text);
    REQUIRE_MESSAGE(read.ok(), read.status().message());
    CHECK(read->facts() == report::document(run).facts());
    CHECK(report::result_json(*read) == text);
}

TEST_CASE("several candidates survive, each with its section") {
    auto run = test::fixed_run();
    run.candidates.push_back(run.candidates[0]);
    const auto text = report::result_json(run);
    const auto read = report::read_document(text);
    REQUIRE_MESSAGE(read.ok(), read.status().message());
    CHECK(report::result_json(*read) == text);
}

TEST_CASE("what this version does not know is an error by name") {
    CHECK(fault_of(replaced(json(), "\"exit_code\": 1,", "\"exit_code\": 1, \"exit_cod\": 1,")) ==
          "r.json: \"exit_cod\" is not a field this version knows; nearest: \"exit_code\"");
    CHECK(
        fault_of(replaced(json(), "\"kl_rev_nats\": {", "\"kl_rev_nat\": {")) ==
        "r.json: \"candidates[0].slices[0].metrics.kl_rev_nat\" is not a field this version knows; nearest: "
        "\"kl_rev_nats\"");
    CHECK(fault_of(replaced(json(), "\"schema_version\": 2", "\"schema_version\": 3")) ==
          "r.json: \"schema_version\" must be 2, is number 3");
    CHECK(fault_of(replaced(json(), "\"verdict\": \"FAIL\"", "\"verdict\": \"MAYBE\"")) ==
          "r.json: \"verdict\" must be a verdict of this version, is string \"MAYBE\"");
    CHECK(fault_of(replaced(json(), "\"exit_code\": 1", "\"exit_code\": 0")) ==
          "r.json: \"exit_code\" is not that of the verdict");
}

TEST_CASE("what is missing or of another type is an error by name") {
    CHECK(fault_of(replaced(json(), "\"n_vocab\": 1000,", "")) == "r.json: \"manifest.n_vocab\" is missing");
    CHECK(fault_of(replaced(json(), "\"n_vocab\": 1000", "\"n_vocab\": \"42\"")) ==
          "r.json: \"manifest.n_vocab\" must be an integer >= 0, is string \"42\"");
    CHECK(fault_of(replaced(json(), "\"notes\": [", "\"notes\": [ {}, ")) ==
          "r.json: \"notes[0]\" must be a string, is an object");
    CHECK(fault_of("{\"schema_version\":2}") == "r.json: \"verdict\" is missing");
    CHECK(fault_of("[]") == "r.json: must be an object, is a list");
}

TEST_CASE("a damaged file ends with a status, wherever it is cut") {
    for (std::size_t size = 0; size < json().size(); size += 1 + json().size() / 997)
        CHECK_FALSE(report::read_document(json().substr(0, size)).ok());
}

TEST_CASE("a byte changed anywhere gives a status or a document that every format can tell") {
    const counter_rng rng(5);
    for (std::uint64_t i = 0; i < 400; ++i) {
        auto text = json();
        text[rng.at(2 * i) % text.size()] = static_cast<char>(rng.at(2 * i + 1) % 128);
        if (const auto read = report::read_document(text); read.ok())
            for (const auto& format : report::all_formats()) CHECK_FALSE(format.render(*read).empty());
    }
}
