#include <qslip/registry.hpp>

#include <doctest/doctest.h>
#include <cstdlib>
#include <string>

#include "support/temp_folder.hpp"

using qslip::slice_registry;

namespace {

const char* const gate_cell = R"({"slice":"a","metric":"task_correct","role":"gate","budget":0.05})";

std::string with_cells(const std::string& cells, const std::string& more = "") {
    return R"({"version":1,)" + more + R"("cells":[)" + cells + "]}";
}
std::string complaint(const std::string& json) {
    const auto r = slice_registry::from_text(json, "r.json");
    return r ? "" : r.status().message();
}

}  // namespace

TEST_CASE("every malformed registry is refused by a line that names file, place, fault and rule") {
    struct row {
        std::string json, message;
    };
    const std::string tail = R"(,"role":"gate","budget":0.05})";
    const row rows[] = {
        {"[]", "r.json: must be an object, is a list"},
        {with_cells(""), "r.json: no cell has role gate or guard: nothing in it could fail"},
        {R"({"version":1})", "r.json: \"cells\" is missing"},
        {R"({"version":2,"cells":[]})", "r.json: \"version\" must be an integer from 1 to 1, is number 2"},
        {R"({"cells":[]})", "r.json: \"version\" is missing; it must be 1"},
        {with_cells(gate_cell, R"("sliced":{},)"),
         "r.json: \"sliced\" is not known here; did you mean \"slices\"?"},
        {with_cells(gate_cell, R"("missing":"pass",)"),
         "r.json: \"missing\" must be \"inconclusive\" or \"fail\", is string \"pass\""},
        {with_cells(gate_cell, R"("defaults":{"alpha":0.7},)"),
         "r.json: \"defaults.alpha\" must be above 0 and below 0.5, is number 0.7"},
        {with_cells(gate_cell, R"("slices":{"all":{}},)"),
         "r.json: \"slices.all\" must be a name of 1 to 64 bytes other than \"all\" and \"*\""},
        {with_cells(gate_cell, R"("slices":{"x":{"position":[5,5]}},)"),
         "r.json: \"slices.x.position\" must be a list [lo, hi] of integers, lo < hi, hi may be null, is "
         "a list"},
        {with_cells(gate_cell, R"("slices":{"x":{"token_class":"verb"}},)"),
         "r.json: \"slices.x.token_class\" must be \"digit\", is string \"verb\""},
        {with_cells(gate_cell, R"("slices":{"x":{"tag":"y"}},)"),
         "r.json: \"slices.x.tag\" is not known here; did you mean \"tags\"?"},
        {with_cells(R"({"slice":"a","metric":"task_correct","role":"gate"})"),
         "r.json: \"cells[0].budget\" is missing"},
        {with_cells(R"({"slice":"a","metric":"task_correct","role":"gate","budget":2})"),
         "r.json: \"cells[0].budget\" must be above 0 and below 1, is number 2"},
        {with_cells(R"({"slice":"a","metric":"task_corect")" + tail),
         "r.json: \"cells[0].metric\" is no metric of this version; did you mean \"task_correct\"?"},
        {with_cells(R"({"slice":"a","metric":"kl_fwd_nats")" + tail),
         "r.json: \"cells[0].metric\" may be tripwire or info only: a distance measures displacement, not "
         "harm"},
        {with_cells(R"({"slice":"a","metric":"task_correct","role":"door"})"),
         "r.json: \"cells[0].role\" must be gate, guard, tripwire or info, is string \"door\""},
        {with_cells(R"({"slice":"a","metric":"token_flip","role":"tripwire"})"),
         "r.json: \"cells[0].limit\" is missing"},
        {with_cells(std::string(gate_cell) + "," + gate_cell),
         "r.json: \"cells[1].slice\" and metric have a cell already"},
        {with_cells(R"({"slice":"d","metric":"task_correct")" + tail,
                    R"("slices":{"d":{"token_class":"digit"}},)"),
         "r.json: \"cells[0].metric\" \"task_correct\" needs answers; the slice selects positions"},
        {with_cells(R"({"slice":"a","slice":"b","metric":"task_correct")" + tail),
         "r.json: key \"slice\" occurs twice in one object"},
        {with_cells("7"), "r.json: \"cells[0]\" must be an object, is number 7"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.json);
        CHECK(complaint(r.json) == r.message);
    }
    CHECK(complaint(R"({"version":1)").starts_with("r.json: "));
}

TEST_CASE("a registry built in code equals the file that says the same") {
    const auto file = slice_registry::from_text(
        R"({"cells":[{"budget":0.02,"role":"gate","metric":"task_correct","slice":"numbers"},
                     {"slice":"*","metric":"token_flip","role":"tripwire","limit":0.1}],
            "slices":{"numbers":{"tags":["copy","add"]}},"version":1})");
    REQUIRE(file.ok());
    slice_registry built;
    qslip::slice_selector numbers;
    numbers.tags = {"add", "copy"};
    built.define("numbers", numbers);
    built.tripwire("*", "token_flip", {.limit = 0.1});
    built.gate("numbers", "task_correct", {.budget = 0.02});
    CHECK(built.check().ok());
    CHECK(built.digest() == file->digest());
    built.gate("numbers", "task_correct", {.budget = 0.03});
    CHECK(built.cells().size() == 2);
    CHECK(built.digest() != file->digest());
}

TEST_CASE("wrong calls are kept and told by check()") {
    slice_registry r = slice_registry::standard();
    CHECK(r.check().ok());
    r.gate("a", "kl_fwd_nats").gate("b", "task_correct", {.budget = -1});
    CHECK(std::string(r.check().message()) ==
          "cell \"a\" x \"kl_fwd_nats\": may be tripwire or info only: a distance measures displacement, not "
          "harm");
    CHECK_FALSE(slice_registry().check().ok());
}

TEST_CASE("the example in docs/registry.md and the starter registry load") {
    const char* root = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(root != nullptr);
    const auto page = qslip::test::read_file(std::string(root) + "/docs/registry.md");
    const auto begin = page.find("```json\n") + 8;
    const auto json = page.substr(begin, page.find("```", begin) - begin);
    CHECK(complaint(json) == "");
    const auto starter = slice_registry::load(std::string(root) + "/examples/suite/registry.json");
    INFO(starter.status().message());
    CHECK(starter.ok());
}

TEST_CASE("selectors") {
    const std::vector<std::string> tags{"add", "en"};
    const qslip::item_traits item{&tags, "en", "", 100};
    qslip::slice_selector s;
    CHECK(s.takes_item(item));
    s.tags = {"copy", "add"};
    CHECK(s.takes_item(item));
    s.languages = {"sw"};
    CHECK_FALSE(s.takes_item(item));
    s.languages = {};
    s.prompt_tokens = qslip::token_range{100, 101};
    CHECK(s.takes_item(item));
    s.prompt_tokens->hi = 100;
    CHECK_FALSE(s.takes_item(item));
    CHECK_FALSE(s.selects_positions());
    s.digit_tokens = true;
    CHECK(s.selects_positions());
    CHECK_FALSE(s.takes_position(3, false));
    for (const char* digit : {"7", " 12", "0"}) CHECK(qslip::is_digit_token(digit));
    for (const char* other : {"", " ", "7a", "  7", "-7", "\xD9\xA3"})
        CHECK_FALSE(qslip::is_digit_token(other));
}
