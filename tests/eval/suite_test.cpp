#include <qslip/suite.hpp>

#include <doctest/doctest.h>

#include "eval/tasks/judge.hpp"
#include "support/temp_folder.hpp"

using qslip::suite;

static std::string complaint(const std::string& text, const qslip::limits& limits = {}) {
    const auto s = suite::from_text(text, "p.jsonl", limits);
    return s ? "" : s.status().message();
}
static std::string with_task(const std::string& task) {
    return R"({"id":"x","prompt":"p","task":)" + task + "}";
}

TEST_CASE("every malformed line is told with file, line, field, fault and rule") {
    struct row {
        std::string line, message;
    };
    const row rows[] = {
        {R"({"prompt":"p"})", "p.jsonl:1: \"id\" is missing"},
        {R"({"id":"","prompt":"p"})", "p.jsonl:1: \"id\" must be a string of 1 to 256 bytes, is string \"\""},
        {R"({"id":"x","prompt":"p","slice":3})",
         "p.jsonl:1: \"slice\" must be a string or a list of 1 to 64 strings, is number 3"},
        {R"({"id":"x","prompt":"p","slice":"all"})",
         "p.jsonl:1: \"slice\" must not be \"all\", which is reserved"},
        {R"({"id":"x"})", "p.jsonl:1: \"prompt\" is missing (or \"text\", \"messages\")"},
        {R"({"id":"x","prompt":"p","text":"t"})", "p.jsonl:1: \"text\" cannot stand beside \"prompt\""},
        {R"({"id":"x","messages":[]})",
         "p.jsonl:1: \"messages\" must be a list of at least one message, is a list"},
        {R"({"id":"x","messages":[{"role":"user"}]})",
         "p.jsonl:1: \"messages\" must be a list of objects with \"role\" and \"content\""},
        {R"({"id":"x","prompt":"p","messages":[{"role":"user","content":"a"}]})",
         "p.jsonl:1: \"messages\" cannot stand beside \"prompt\""},
        {with_task(R"({"type":"json_schema"})"), "p.jsonl:1: \"task.schema\" is missing"},
        {with_task(R"({"type":"json_schema","schema":3})"),
         "p.jsonl:1: \"task.schema\" must be a JSON Schema, is number 3"},
        {with_task(R"({"type":"json_schema","schema":true,"required_values":1})"),
         "p.jsonl:1: \"task.required_values\" must be an object or a list, is number 1"},
        {with_task(R"({"type":"json_schema","schema":true,"ignore_case":true})"),
         "p.jsonl:1: \"task.ignore_case\" is not known here"},
        {with_task(R"({"type":"tool_call","tools":[]})"),
         "p.jsonl:1: \"task.tools\" must be a list of 1 to 64 tools, is a list"},
        {with_task(R"({"type":"tool_call","tools":[{"name":"a"}]})"),
         "p.jsonl:1: \"task.tools[0].parameters\" is missing"},
        {R"({"id":"x","prompt":"p","max_tokens":0})",
         "p.jsonl:1: \"max_tokens\" must be an integer from 1 to 4096, is number 0"},
        {R"({"id":"x","prompt":"p","promt":1})",
         "p.jsonl:1: \"promt\" is not known here; did you mean \"prompt\"?"},
        {R"({"id":"x","id":"y","prompt":"p"})", "p.jsonl:1: key \"id\" occurs twice in one object"},
        {R"({"id":"x","text":"p","task":{"type":"exact","answer":"a"}})",
         "p.jsonl:1: \"task\" needs \"prompt\"; \"text\" is never answered"},
        {R"(["x"])", "p.jsonl:1: must be an object, is a list"},
        {with_task(R"({"answer":"a"})"),
         "p.jsonl:1: \"task.type\" is missing; it must be one of none, exact, contains, regex, choice, "
         "numeric, json_schema, tool_call"},
        {with_task(R"({"type":"refusal"})"),
         "p.jsonl:1: \"task.type\" is \"refusal\", which is not supported yet; supported: none, exact, "
         "contains, "
         "regex, choice, numeric, json_schema, tool_call"},
        {with_task(R"({"type":"exakt","answer":"a"})"),
         "p.jsonl:1: \"task.type\" must be one of none, exact, contains, regex, choice, numeric, "
         "json_schema, tool_call, is string "
         "\"exakt\""},
        {with_task(R"({"type":"exact"})"), "p.jsonl:1: \"task.answer\" is missing"},
        {with_task(R"({"type":"exact","answer":" "})"),
         "p.jsonl:1: \"task.answer\" must have more than white space"},
        {with_task(R"({"type":"choice","options":["a","b"],"answer":"c"})"),
         "p.jsonl:1: \"task.answer\" must be one of the options, is string \"c\""},
        {with_task(R"({"type":"choice","options":["a"," "],"answer":"a"})"),
         "p.jsonl:1: \"task.options\" must have more than white space"},
        {with_task(R"({"type":"numeric","answer":"7"})"),
         "p.jsonl:1: \"task.answer\" must be a number, is string \"7\""},
        {with_task(R"({"type":"numeric","answer":7,"abs_tol":-1})"),
         "p.jsonl:1: \"task.abs_tol\" must be a number >= 0, is number -1"},
        {with_task(R"({"type":"exact","answer":"a","abs_tol":1})"),
         "p.jsonl:1: \"task.abs_tol\" is not known here"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.line);
        CHECK(complaint(r.line) == r.message);
    }
    CHECK(complaint(with_task(R"({"type":"regex","pattern":"a("})"))
              .starts_with("p.jsonl:1: \"task.pattern\" must be a regular expression: "));
    CHECK(complaint("{\"id\":\"\xFF\",\"prompt\":\"p\"}").starts_with("p.jsonl:1: "));
    CHECK(complaint("\n \n") == "p.jsonl: no items");
}

TEST_CASE("all bad lines are listed up to the limit, with their numbers") {
    std::string text;
    for (int i = 0; i < 25; ++i) text += "{\"id\":\"same\",\"prompt\":\"p\"}\n\n";
    const auto told = complaint(text);
    CHECK(told.starts_with("p.jsonl:3: \"id\" \"same\" is already taken by an earlier line\np.jsonl:5: "));
    CHECK(told.ends_with("\nand 4 more"));
    qslip::limits limits;
    limits.json_bytes = 20;
    CHECK(complaint(text, limits) == "p.jsonl:1: longer than 20 bytes");
    limits = {};
    limits.suite_items = 2;
    CHECK(complaint(R"({"id":"a","prompt":"p"})"
                    "\n"
                    R"({"id":"b","prompt":"p"})"
                    "\n"
                    R"({"id":"c","prompt":"p"})",
                    limits) == "p.jsonl: more than 2 items");
}

TEST_CASE("items come back as written, with defaults") {
    const auto s = suite::from_text(
        "\xEF\xBB\xBF{\"id\":\"a\",\"prompt\":\"p\\u00e9\"}\r\n"
        R"({"id":"b","slice":["y","x","y"],"text":"t","lang":"sw","category":"c","cluster":"k"})"
        "\n"
        R"({"id":"c","prompt":"q","cluster":"k","max_tokens":4,"gold":7,)"
        R"("task":{"type":"numeric","stop":"\n"}})");
    REQUIRE(s.ok());
    CHECK(s->size() == 3);
    CHECK(s->n_with_task() == 1);
    CHECK(s->tags() == std::vector<std::string>{"default", "x", "y"});
    const auto a = s->item(0), b = s->item(1), c = s->item(2);
    CHECK(a.id == "a");
    CHECK(a.content == "p\xC3\xA9");
    CHECK(*a.tags == std::vector<std::string>{"default"});
    CHECK(a.max_tokens == 32);
    CHECK(a.judge == nullptr);
    CHECK(b.is_text);
    CHECK(*b.tags == std::vector<std::string>{"x", "y"});
    CHECK(b.language == "sw");
    CHECK(b.category == "c");
    CHECK(b.cluster == c.cluster);
    CHECK(a.cluster != b.cluster);
    REQUIRE(c.judge != nullptr);
    CHECK(c.judge->judge_text("7\n8").right());
}

TEST_CASE("a suite changed after the check is refused") {
    const qslip::test::temp_folder folder;
    const auto path = folder.file("s.jsonl");
    qslip::test::write_file(path, "{\"id\":\"a\",\"prompt\":\"p\"}\n");
    const auto s = suite::load(path);
    REQUIRE(s.ok());
    CHECK(s->digest().size() == 64);
    CHECK(s->unchanged().ok());
    std::ofstream(path, std::ios::app) << "{}";
    CHECK(s->unchanged().code() == qslip::errc::changed);
    CHECK(suite::load(folder.file("t.jsonl")).status().code() == qslip::errc::not_found);
}
