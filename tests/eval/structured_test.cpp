// The ladder of structured answers, what is counted as wrong, and where an answer broke.
#include <qslip/suite.hpp>

#include <doctest/doctest.h>
#include <algorithm>

using namespace qslip;
using metrics::format_fault;

static task task_of(const std::string& json) {
    std::string line = R"({"id":"x","prompt":"p","task":)" + json + "}";
    std::ranges::replace(line, '\n', ' ');
    const auto s = suite::from_text(line);
    REQUIRE_MESSAGE(s.ok(), s.status().message());
    return s->item(0)->how;
}

static const task& person() {
    static const task t = task_of(
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
        const auto j = judge(person(), r.text, {}, r.cut);
        CHECK(j.structure.level == r.level);
        CHECK(j.structure.tried == r.tried);
        CHECK(faults_of(j.structure) == r.faults);
        CHECK(j.right == (r.level == 4));
        CHECK(j.structure.demanded);
    }
}

TEST_CASE("alternatives that fail are one missed constraint") {
    const auto t = task_of(
        R"({"type":"json_schema","schema":{"anyOf":[{"type":"object","required":["a"]},{"type":"string"}]}})");
    CHECK(faults_of(judge(t, "[1]").structure) == "constraint_miss");
    CHECK(judge(t, R"({"a":1})").structure.level == 4);
    CHECK(judge(t, R"({"a":1})").right);
}

TEST_CASE("required values: numbers by value, lists whole, objects in part") {
    const auto t = task_of(
        R"({"type":"json_schema","schema":true,"required_values":{"a":[1,{"b":2.5}],"c":{"d":null}}})");
    CHECK(judge(t, R"({"a":[1.0,{"b":25e-1,"x":1}],"c":{"d":null},"y":0})").structure.level == 4);
    for (const char* text : {R"({"a":[1],"c":{"d":null}})", R"({"a":[1,{"b":2}],"c":{"d":null}})",
                             R"({"a":[1,{"b":2.5}],"c":{}})", R"({"a":[1,{"b":2.5}],"c":{"d":false}})", "[]"})
        CHECK(judge(t, text).structure.level == 3);
}

static const task& tools() {
    static const task t = task_of(
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
        const auto j = judge(tools(), r.text);
        CHECK(j.structure.level == r.level);
        CHECK(j.structure.called == r.called);
        CHECK(faults_of(j.structure) == r.faults);
        CHECK(j.right == (r.level == 4));
    }
    auto quiet = tools();
    quiet.must_call = false;
    CHECK(judge(quiet, "It is warm.").right);
    CHECK_FALSE(judge(quiet, R"({"name":"weather","arguments":{"city":"Oslo"}})").right);
    CHECK_FALSE(judge(quiet, "x").structure.demanded);
    CHECK(judge(quiet, "x").structure.may_call);
}

TEST_CASE("tiers follow from the schema's complexity") {
    CHECK(person().tier == "S1");
    CHECK(
        task_of(
            R"({"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}})")
            .tier == "S0");
    CHECK(task_of(R"({"type":"exact","answer":"a"})").tier.empty());
    CHECK(task_of(R"({"type":"tool_call","call":false,"tools":[{"name":"a","parameters":true}]})")
              .tier.empty());
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
        const auto at = locate_fault(person(), r.text);
        REQUIRE_MESSAGE(at.ok(), at.status().message());
        REQUIRE(at->has_value());
        CHECK((*at)->byte == r.byte);
        CHECK((*at)->keyword == r.keyword);
    }
    CHECK_FALSE(locate_fault(person(), R"({"name": "Ada", "age": 1})")->has_value());
    const auto call = locate_fault(tools(), R"(<tool_call>{"name":"alarm","arguments":{"hour":"x"}})");
    REQUIRE(call->has_value());
    CHECK((*call)->byte == 47);
    CHECK_FALSE(locate_fault(task_of(R"({"type":"exact","answer":"a"})"), "b")->has_value());
}
