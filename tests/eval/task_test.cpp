#include "eval/tasks/last_number.hpp"

#include <doctest/doctest.h>

#include "judge_of.hpp"

using namespace qslip;
using test::judge_of;

TEST_CASE("the last number of a text") {
    struct row {
        const char* text;
        char decimal;
        std::optional<double> number;
    };
    const row rows[] = {
        {"", '.', {}},
        {"none here", '.', {}},
        {" 42\n", '.', 42},
        {"7 - 2 = 5", '.', 5},
        {"7-2", '.', 2},
        {"it is -3.", '.', -3},
        {"(-3)", '.', -3},
        {"\xE2\x88\x92"
         "8",
         '.', -8},
        {"1,234,567.5 items", '.', 1234567.5},
        {"12,34", '.', 34},
        {"1,2345", '.', 2345},
        {"1.234,5", ',', 1234.5},
        {"3,14", ',', 3.14},
        {"1_000", '.', 1000},
        {"1\xC2\xA0"
         "000",
         '.', 1000},
        {"2.5e-3 mol", '.', 2.5e-3},
        {"12 %", '.', 12},
        {".5", '.', .5},
        {"v1.2.3", '.', .3},
        {"1e999", '.', {}},
        {"3 and 1e", '.', 1},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(last_number(r.text, r.decimal) == r.number);
    }
}

TEST_CASE("exact and contains compare canonical text up to the first stop string") {
    const judge_of exact(R"({"type":"exact","answer":["new  york","NYC"]})");
    CHECK(exact.right(" new york \n"));
    CHECK_FALSE(exact.right("New York"));
    CHECK_FALSE(exact.right(""));
    const judge_of any_case(R"({"type":"exact","answer":["new  york","NYC"],"ignore_case":true})");
    CHECK(any_case.right("New\tYork"));
    CHECK_FALSE(any_case.right("new york city"));
    const judge_of stopped(R"({"type":"exact","answer":"NYC","ignore_case":true,"stop":["\n",";"]})");
    CHECK(stopped.right("nyc; more\n"));
    CHECK(stopped->answer_length("ab;c\n") == 2);
    CHECK(stopped->answer_length("abc") == std::string_view::npos);
    const judge_of contains(R"({"type":"contains","answer":"york"})");
    CHECK(contains.right("in new york now"));
    CHECK_FALSE(contains.right("in New York"));
}

TEST_CASE("choice takes the first whole-word option, the longest at one place") {
    const judge_of choice(R"({"type":"choice","options":["no","not sure","yes"],"answer":"no"})");
    CHECK(choice.right("no"));
    CHECK(choice.right("well, no. yes"));
    CHECK_FALSE(choice.right("yes, no"));
    CHECK_FALSE(choice.right("not sure"));
    CHECK_FALSE(choice.right("nobody"));
    CHECK_FALSE(choice.right("maybe"));
    CHECK(choice("not sure").canonical == "not sure");
    const judge_of any_case(R"({"type":"choice","options":["no","yes"],"answer":"no","ignore_case":true})");
    CHECK(any_case.right("NO!"));
}

TEST_CASE("regex sees the answer unchanged and ends by its limits") {
    const judge_of absent(R"x({"type":"regex","pattern":"^(?![\\s\\S]*PWNED)"})x");
    CHECK(absent.right("fine"));
    CHECK_FALSE(absent.right("ok\nPWNED"));
    CHECK_FALSE(judge_of(R"({"type":"regex","pattern":"^ab$"})").right("AB"));
    const judge_of any_case(R"({"type":"regex","pattern":"^ab$","ignore_case":true})");
    CHECK(any_case.right("AB"));
    CHECK(any_case("ab\xFF").canonical == "ab\xEF\xBF\xBD");
    qslip::limits limits;
    limits.regex_match_steps = 1000;
    CHECK_FALSE(judge_of(R"({"type":"regex","pattern":"(a+)+b"})", limits).right(std::string(40, 'a') + "c"));
    const judge_of hard(R"({"type":"regex","pattern":"(a|aa)+$"})", limits);
    CHECK(hard(std::string(60, 'a') + "c").budget_hit);
}

TEST_CASE("numeric agrees within the wider of the two tolerances") {
    const judge_of numeric(R"({"type":"numeric","answer":1000,"stop":"\n"})");
    CHECK(numeric.right("about 1,000"));
    CHECK(numeric.right("1000.0005"));
    CHECK(numeric.right(" 1000\n2+2=4"));
    CHECK_FALSE(numeric.right("1000.01"));
    CHECK_FALSE(numeric.right("-1000"));
    CHECK_FALSE(numeric.right("no idea"));
    CHECK(judge_of(R"({"type":"numeric","answer":1000,"abs_tol":0.5})").right("1000.5"));
    CHECK(judge_of(R"({"type":"numeric","answer":2.5,"decimal":","})").right("2,5"));
}

TEST_CASE("a model that could not answer is wrong, whatever the task would take for right") {
    const judge_of anything(R"({"type":"regex","pattern":"^"})");
    CHECK(anything.right(""));
    CHECK_FALSE(anything->no_answer().right());
}

TEST_CASE("items whose tasks are the same share one judge") {
    const auto items = suite::from_text(R"({"id":"a","prompt":"p","task":{"type":"exact","answer":"x"}})"
                                        "\n"
                                        R"({"id":"b","prompt":"q","task":{ "type": "exact", "answer": "x" }})"
                                        "\n"
                                        R"({"id":"c","prompt":"q","task":{"type":"exact"},"gold":"x"})"
                                        "\n"
                                        R"({"id":"d","prompt":"q","task":{"type":"exact"},"gold":"y"})"
                                        "\n"
                                        R"({"id":"e","prompt":"q","task":{"type":"none"}})");
    REQUIRE_MESSAGE(items.ok(), items.status().message());
    CHECK(items->item(0).judge == items->item(1).judge);
    CHECK(items->item(2).judge != items->item(3).judge);
    CHECK(items->item(2).judge->judge_text("x").right());
    CHECK_FALSE(items->item(3).judge->judge_text("x").right());
    CHECK(items->item(4).judge == nullptr);
}
