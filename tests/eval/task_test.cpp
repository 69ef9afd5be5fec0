#include <qslip/suite.hpp>

#include <doctest/doctest.h>

using namespace qslip;

static task make(task_type type, std::vector<std::string> answers) {
    task t;
    t.type = type;
    t.answers = std::move(answers);
    return t;
}

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
    auto t = make(task_type::exact, {"new  york", "NYC"});
    CHECK(judge(t, " new york \n").right);
    CHECK_FALSE(judge(t, "New York").right);
    t.ignore_case = true;
    CHECK(judge(t, "New\tYork").right);
    CHECK_FALSE(judge(t, "new york city").right);
    t.stops = {"\n", ";"};
    CHECK(judge(t, "nyc; more\n").right);
    CHECK(answer_length(t, "ab;c\n") == 2);
    CHECK(answer_length(t, "abc") == std::string_view::npos);
    CHECK_FALSE(judge(t, "").right);
    t = make(task_type::contains, {"york"});
    CHECK(judge(t, "in new york now").right);
    CHECK_FALSE(judge(t, "in New York").right);
}

TEST_CASE("choice takes the first whole-word option, the longest at one place") {
    auto t = make(task_type::choice, {"no"});
    t.options = {"no", "not sure", "yes"};
    CHECK(judge(t, "no").right);
    CHECK(judge(t, "well, no. yes").right);
    CHECK_FALSE(judge(t, "yes, no").right);
    CHECK_FALSE(judge(t, "not sure").right);
    CHECK_FALSE(judge(t, "nobody").right);
    CHECK_FALSE(judge(t, "maybe").right);
    CHECK(judge(t, "not sure").canonical == "not sure");
    t.ignore_case = true;
    CHECK(judge(t, "NO!").right);
}

TEST_CASE("regex sees the answer unchanged and ends by its limits") {
    task t;
    t.type = task_type::regex;
    t.pattern = "^(?![\\s\\S]*PWNED)";
    CHECK(judge(t, "fine").right);
    CHECK_FALSE(judge(t, "ok\nPWNED").right);
    t.pattern = "^ab$";
    CHECK_FALSE(judge(t, "AB").right);
    t.ignore_case = true;
    CHECK(judge(t, "AB").right);
    CHECK(judge(t, "ab\xFF").canonical == "ab\xEF\xBF\xBD");
    t.pattern = "(a+)+b";
    qslip::limits limits;
    limits.regex_match_steps = 1000;
    const auto hard = judge(t, std::string(40, 'a') + "c", limits);
    CHECK_FALSE(hard.right);
    t.pattern = "(a|aa)+$";
    CHECK(judge(t, std::string(60, 'a') + "c", limits).budget_hit);
}

TEST_CASE("numeric agrees within the wider of the two tolerances") {
    task t;
    t.type = task_type::numeric;
    t.answer_number = 1000;
    CHECK(judge(t, "about 1,000").right);
    CHECK(judge(t, "1000.0005").right);
    CHECK_FALSE(judge(t, "1000.01").right);
    t.abs_tol = 0.5;
    CHECK(judge(t, "1000.5").right);
    CHECK_FALSE(judge(t, "-1000").right);
    CHECK_FALSE(judge(t, "no idea").right);
    t.stops = {"\n"};
    CHECK(judge(t, " 1000\n2+2=4").right);
}

TEST_CASE("none is never right") { CHECK_FALSE(judge(task{}, "x").right); }
