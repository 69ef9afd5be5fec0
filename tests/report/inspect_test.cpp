// One item side by side, from the files of a finished run alone.
#include <qslip/report.hpp>

#include <doctest/doctest.h>

#include "report/fixed_run.hpp"

using namespace qslip;

namespace {

std::string shown(const run_result& run, const std::string& id) {
    const auto items = report::items_jsonl(run);
    REQUIRE(items.ok());
    const auto line = report::find_item(*items, id);
    REQUIRE_MESSAGE(line.ok(), line.status().message());
    const auto text = report::item_text(run, *line);
    REQUIRE_MESSAGE(text.ok(), text.status().message());
    return *text;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("an item names both files, both answers and where they part") {
    const auto text = shown(test::fixed_run(), "numbers/5");
    CHECK(contains(text, "cand against base\n"));
    CHECK(contains(text, "base       \" 4>>>2<<<\\x0a\"\n"));
    CHECK(contains(text, "candidate  \" 4>>>1<<< \\\"|\\x01\"\n"));
    CHECK(contains(text, "candidate answer: wrong\n"));
    CHECK(contains(shown(test::fixed_run(), "numbers/1"), "no token differs\n"));
}

TEST_CASE("the mark stands around the tokens, also when they begin alike") {
    auto run = test::fixed_run();
    auto& item = run.candidates[0].items[0];
    item.base_text = "It is Paris.";
    item.cand_text = "It is Pars.";
    item.slip = first_slip{2, " Paris", " Pars", 0.5};
    const auto text = shown(run, "numbers/0");
    CHECK(contains(text, "\"It is>>> Paris<<<.\""));
    CHECK(contains(text, "\"It is>>> Pars<<<.\""));
}

TEST_CASE("an unknown id names the nearest; a line of another run is refused") {
    const auto run = test::fixed_run();
    const auto items = report::items_jsonl(run);
    REQUIRE(items.ok());
    CHECK(std::string(report::find_item(*items, "number/5", "items.jsonl").status().message()) ==
          "items.jsonl: no item \"number/5\"; did you mean numbers/5?");
    auto two = run;
    two.candidates.push_back(two.candidates[0]);
    const auto other = report::item_text(two, *report::find_item(*items, "numbers/5"));
    CHECK(std::string(other.status().message()) ==
          "items.jsonl: \"candidates\" is of another run: 1 candidates, result.json has 2");
}
