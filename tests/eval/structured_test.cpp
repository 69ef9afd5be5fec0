// The ladder of structured answers, what is counted as wrong, and where an answer broke.
#include <qslip/detail/core/bytes.hpp>
#include <qslip/detail/core/rng.hpp>
#include <qslip/suite.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <set>

#include "judge_of.hpp"

using namespace qslip;
using test::judge_of;

static const judge_of& person() {
    static const judge_of t(
        R"({"type":"json_schema","stop":"END","required_values":{"name":"Ada"},"schema":{"type":"object",
            "properties":{"name":{"type":"string"},"age":{"type":"integer","maximum":120},
                          "mood":{"enum":["good","bad"]},"tags":{"type":"array","items":{"type":"string"}}},
            "required":["name","age"],"additionalProperties":false}})");
    return t;
}

static std::string faults_of(const metrics::structured_answer& a) {
    std::string out;
    for (std::size_t i = 0; i < metrics::n_format_faults; ++i)
        if (a.faults >> i & 1u) out += (out.empty() ? "" : " ") + std::string(metrics::format_fault_ids[i]);
    return out;
}

TEST_CASE("levels and faults of answers that had to be JSON") {
    struct row {
        const char* text;
        int level;
        bool tried;
        const char* faults;
        bool cut = false;
    };
    const row rows[] = {
        {R"({"name": "Ada", "age": 36})", 4, true, ""},
        {" \n{\"name\": \"Ada\", \"age\": 36}\n", 4, true, ""},
        {R"({"name": "Ada", "age": 36}END and more)", 4, true, ""},
        {R"({"name": "Bob", "age": 36})", 3, true, ""},
        {R"({"name": "Ada"})", 2, true, "missing_required"},
        {R"({"name": 1, "age": "x"})", 2, true, "wrong_type"},
        {R"({"name": "Ada", "age": 200})", 2, true, "constraint_miss"},
        {R"({"name": "Ada", "age": 36, "mood": "so so"})", 2, true, "enum_miss"},
        {R"({"name": "Ada", "age": 36, "x": 1})", 2, true, "extra_key"},
        {R"({"name": "Ada", "x": 1, "tags": ["a", 2]})", 2, true, "wrong_type missing_required extra_key"},
        {R"({"name": "Ada", "name": "Ada", "age": 36})", 2, true, "duplicate_key"},
        {"42", 2, true, "wrong_type"},
        {R"(Here: {"name": "Ada", "age": 36})", 1, true, "trailing_text"},
        {"```json\n{\"name\": \"Ada\", \"age\": 36}\n```", 1, true, "trailing_text"},
        {R"({"name": "Ada", "age": 36} is it)", 1, true, "trailing_text"},
        {R"({"name": "Ada", "age": 36}})", 1, true, "trailing_text"},
        {R"({oops} {"name": "Ada"})", 1, true, "trailing_text"},
        {R"({"name": "Ada", "ag)", 0, true, "unbalanced"},
        {R"({"name": "Ada", "ag)", 0, true, "truncated", true},
        {R"({"name": "Ada", "age": 3)", 0, true, "truncated", true},
        {R"(Sure: {"name": "Ada")", 0, false, "unbalanced"},
        {"{'name': 'Ada'}", 0, true, "syntax"},
        {R"({"name": "Ada",})", 0, true, "syntax"},
        {"Ada is 36.", 0, false, "no_json"},
        {"", 0, false, "no_json"},
        {"{\"name\": \"A\xC3\", \"age\": 36}", 1, true, "invalid_utf8"},
    };
    for (const auto& r : rows) {
        INFO(r.text);
        const auto j = person()(r.text, r.cut);
        CHECK(j.structure->level == r.level);
        CHECK(j.structure->tried == r.tried);
        CHECK(faults_of(*j.structure) == r.faults);
        CHECK(j.right() == (r.level == 4));
        CHECK(j.structure->demanded);
    }
}

TEST_CASE("alternatives that fail are one missed constraint") {
    const judge_of t(
        R"({"type":"json_schema","schema":{"anyOf":[{"type":"object","required":["a"]},{"type":"string"}]}})");
    CHECK(faults_of(*t("[1]").structure) == "constraint_miss");
    CHECK(t(R"({"a":1})").structure->level == 4);
    CHECK(t.right(R"({"a":1})"));
}

TEST_CASE("required values: numbers by value, lists whole, objects in part") {
    const judge_of t(
        R"({"type":"json_schema","schema":true,"required_values":{"a":[1,{"b":2.5}],"c":{"d":null}}})");
    CHECK(t(R"({"a":[1.0,{"b":25e-1,"x":1}],"c":{"d":null},"y":0})").structure->level == 4);
    for (const char* text : {R"({"a":[1],"c":{"d":null}})", R"({"a":[1,{"b":2}],"c":{"d":null}})",
                             R"({"a":[1,{"b":2.5}],"c":{}})", R"({"a":[1,{"b":2.5}],"c":{"d":false}})", "[]"})
        CHECK(t(text).structure->level == 3);
}

static const judge_of& tools() {
    static const judge_of t(
        R"({"type":"tool_call","tools":[
            {"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}},
            {"name":"alarm","parameters":{"type":"object","properties":{"hour":{"type":"integer"}},"required":["hour"]}}],
            "required_values":{"name":"weather"}})");
    return t;
}

TEST_CASE("tool calls: who calls, whom, with what") {
    struct row {
        const char* text;
        int level;
        bool called;
        const char* faults;
    };
    const row rows[] = {
        {R"({"name":"weather","arguments":{"city":"Oslo"}})", 4, true, ""},
        {R"(<tool_call>{"name":"weather","arguments":{"city":"Oslo"}}</tool_call>)", 4, true, ""},
        {R"({"name":"alarm","arguments":{"hour":7}})", 3, true, ""},
        {R"({"name":"alarm","arguments":{"hour":"7"}})", 2, true, "wrong_type"},
        {R"({"name":"alarm","arguments":{"city":"Oslo"}})", 2, true, "missing_required"},
        {R"({"name":"fly","arguments":{}})", 2, true, "constraint_miss"},
        {R"({"city":"Oslo"})", 2, false, "constraint_miss"},
        {R"(Ok. {"name":"weather","arguments":{"city":"Oslo"}})", 1, true, "trailing_text"},
        {"It is warm.", 0, false, "no_json"},
    };
    for (const auto& r : rows) {
        INFO(r.text);
        const auto j = tools()(r.text);
        CHECK(j.structure->level == r.level);
        CHECK(j.structure->called == r.called);
        CHECK(faults_of(*j.structure) == r.faults);
        CHECK(j.right() == (r.level == 4));
    }
}

TEST_CASE("where no tool fits, right is an answer that calls none, and no JSON is demanded") {
    const judge_of quiet(
        R"({"type":"tool_call","call":false,"tools":[{"name":"weather","parameters":{"type":"object"}}]})");
    CHECK(quiet.right("It is warm."));
    CHECK_FALSE(quiet.right(R"({"name":"weather","arguments":{"city":"Oslo"}})"));
    CHECK_FALSE(quiet("x").structure->demanded);
    CHECK(quiet("x").structure->may_call);
    CHECK_FALSE(quiet->no_answer().right());
}

TEST_CASE("the complexity is that of the schema that an answer must satisfy") {
    const auto class_of = [](const judge_of& judge) { return schema::class_of(judge->complexity().value()); };
    CHECK(class_of(person()) == complexity_class::s1);
    CHECK(
        class_of(judge_of(
            R"({"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}})")) ==
        complexity_class::s0);
    CHECK_FALSE(judge_of(R"({"type":"exact","answer":"a"})")->complexity());
    CHECK_FALSE(judge_of(R"({"type":"tool_call","call":false,"tools":[{"name":"a","parameters":true}]})")
                    ->complexity());
}

TEST_CASE("an answer has no outcome that the plan was not told of") {
    using enum metric;
    const judge_of exact(R"({"type":"exact","answer":"a"})"),
        quiet(R"({"type":"tool_call","call":false,"tools":[{"name":"a","parameters":true}]})");
    struct row {
        const judge_of& judge;
        std::vector<metric> outcomes;  // of an answer that is JSON
    };
    const row rows[] = {
        {exact, {task_correct}},
        {person(),
         {task_correct, json_extractable, json_parses, json_valid, json_values, json_valid_if_tried}},
        {tools(),
         {task_correct, json_extractable, json_parses, json_valid, json_values, json_valid_if_tried,
          tool_called}},
        {quiet, {task_correct, tool_called}},
    };
    for (const auto& r : rows) {
        const auto feeds = r.judge->feeds();
        CHECK(std::set(feeds.begin(), feeds.end()) == std::set(r.outcomes.begin(), r.outcomes.end()));
        std::vector<metric> found;
        for (const auto& [which, holds] : r.judge("{}").outcomes) found.push_back(which);
        CHECK(found == r.outcomes);
        for (const auto& [which, holds] : r.judge->no_answer().outcomes) CHECK_FALSE(holds);
    }
    CHECK_FALSE(person()("no JSON at all").outcome(json_valid_if_tried));
}

TEST_CASE("an answer's break is the first byte that cannot be mended") {
    struct row {
        const char* text;
        std::size_t byte;
        const char* keyword;
    };
    const row rows[] = {
        {R"({"name": 1, "age": 2})", 9, "type"},
        {R"( {"name": "Ada", "x": 1})", 18, "additionalProperties"},
        {R"({"name": "Ada"})", 14, "required"},
        {R"({"name": "Ada", "age": 1, "mood": "so"})", 35, "enum"},
        {"Sure", 0, ""},
        {R"({"name": "A)", 11, ""},
    };
    for (const auto& r : rows) {
        INFO(r.text);
        const auto at = person()->locate_fault(r.text);
        REQUIRE_MESSAGE(at.ok(), at.status().message());
        REQUIRE(at->has_value());
        CHECK((*at)->byte == r.byte);
        CHECK((*at)->keyword == r.keyword);
    }
    CHECK_FALSE(person()->locate_fault(R"({"name": "Ada", "age": 1})")->has_value());
    const auto call = tools()->locate_fault(R"(<tool_call>{"name":"alarm","arguments":{"hour":"x"}})");
    REQUIRE(call->has_value());
    CHECK((*call)->byte == 47);
    CHECK_FALSE(judge_of(R"({"type":"exact","answer":"a"})")->locate_fault("b")->has_value());
}
