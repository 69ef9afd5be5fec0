// Chat templates: what Jinja gives (goldens), what is told apart, what is refused, what cost is bounded.
#include <doctest/doctest.h>
#include <simdjson.h>
#include <cstdlib>

#include "json/json_read.hpp"
#include "text/chat_template.hpp"

using namespace qslip;

static result<chat_prompt> render(const std::string& source, const std::string& messages = "[]",
                                  const limits& limits = {}) {
    QSLIP_TRY(const auto t, chat_template::parse(source, limits));
    return t.render(messages);
}
static std::string complaint(const std::string& source, const std::string& messages = "[]",
                             const limits& limits = {}) {
    const auto r = render(source, messages, limits);
    return r ? "" : std::string(errc_name(r.status().code())) + ": " + r.status().message();
}

TEST_CASE("every golden case renders as Jinja 3.1 does") {
    const char* root = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(root != nullptr);
    const auto file = json_text::read_file(std::string(root) + "/tests/golden/chat_template_cases.json", {});
    REQUIRE(file.ok());
    json_reader reader({});
    const auto golden = reader.parse(*file, "cases");
    REQUIRE_MESSAGE(golden.ok(), golden.status().message());
    std::size_t n = 0;
    const auto cases = golden->find("cases")->items(), variables = golden->find("variables")->items();
    for (const auto& c : *cases) {
        const auto& given = (*variables)[*c.find("variables")->count()];
        const std::string source(*c.find("template")->text());
        INFO(*c.find("name")->text() << ": " << source);
        const auto parsed = chat_template::parse(source);
        CHECK_MESSAGE(parsed.ok(), parsed.status().message());
        if (!parsed) continue;
        const auto made = parsed->render_variables(simdjson::minify(given.element()),
                                                   {.bos_token = "<s>", .eos_token = "</s>"});
        ++n;
        if (const auto refused = c.find("refused")) {
            CHECK(made.status().code() == errc::arg);
            CHECK(std::string(made.status().message()).find(*refused->text()) != std::string::npos);
            continue;
        }
        CHECK_MESSAGE(made.ok(), made.status().message());
        if (!made) continue;
        CHECK(made->text == *c.find("text")->text());
        std::size_t bytes = 0;
        for (const auto& part : made->parts) bytes += part.size_bytes;
        CHECK(bytes == made->text.size());
    }
    MESSAGE(n << " cases");
    CHECK(n > 250);
}

/// The bytes the template vouches for, the others as dots.
static std::string own_bytes(const chat_prompt& p) {
    std::string out;
    std::size_t at = 0;
    for (const auto& part : p.parts) {
        out += part.parse_special ? p.text.substr(at, part.size_bytes) : std::string(part.size_bytes, '.');
        at += part.size_bytes;
    }
    return out;
}

TEST_CASE("what the messages say stays apart from what the template writes") {
    struct row {
        const char *source, *own;
    };
    const row rows[] = {
        {"{{ '<s>' + messages[0].content + '</s>' }}", "<s>......</s>"},
        {"<s>{{ messages[0].content | trim }}</s>", "<s>....</s>"},
        {"{{ ('<s>' + messages[0].content)[1:] }}", "s>......"},
        {"{{ messages[0].content.replace('a', '<s>') }}", ".<s>..<s>."},
        {"{{ messages[0].content | upper }}|", "......|"},
        {"{{ ['<s>', messages[0].content] | join('-') }}", "<s>-......"},
        {"{{ messages[0] | tojson }}", "{\".......\": \"......\"}"},
        {"{% set ns = namespace(t='') %}{% for m in messages %}{% set ns.t = ns.t ~ m.content ~ '<e>' %}{% "
         "endfor "
         "%}{{ ns.t }}",
         "......<e>"},
        {"{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(messages[0].content) }}", "<......>"},
        {"{% set b %}<{{ messages[0].content.split('b')[0] }}>{% endset %}{{ b }}", "<..>"},
        {"{{ messages[0].content[::-1] }}<e>", "......<e>"},
    };
    for (const auto& r : rows) {
        INFO(r.source);
        const auto made = render(r.source, R"([{"content":" abca "}])");
        REQUIRE_MESSAGE(made.ok(), made.status().message());
        CHECK(own_bytes(*made) == r.own);
    }
}

TEST_CASE("what is outside the subset names line and construct") {
    struct row {
        const char *source, *message;
    };
    const row rows[] = {
        {"a\n{% include 'x' %}", "unsupported: chat template line 2: statement \"include\""},
        {"{% call m() %}{% endcall %}", "unsupported: chat template line 1: statement \"call\""},
        {"\n\n{{ x | wordcount }}", "unsupported: chat template line 3: filter \"wordcount\""},
        {"{{ 1 is callable_thing }}", "unsupported: chat template line 1: test \"callable_thing\""},
        {"{{ strftime_now('%d') }}", "unsupported: chat template line 1: function \"strftime_now\""},
        {"{{ [].append(1) }}", "unsupported: chat template line 1: method \"append\" of a list"},
        {"{{ ''.join([]) }}", "unsupported: chat template line 1: method or member \"join\" of a string"},
        {"{{ ''.__class__ }}",
         "unsupported: chat template line 1: method or member \"__class__\" of a string"},
        {"{{ 2 ** 3 }}", "unsupported: chat template line 1: operator \"**\""},
        {"{{ 'a' % 1 }}", "unsupported: chat template line 1: string formatting with %"},
        {"{{ 'a' | trim(1, 2) }}",
         "schema: chat template line 1: filter trim: the characters to trim must be a "
         "string, got an integer"},
        {"{{ 'a' | upper(1) }}", "unsupported: chat template line 1: filter upper: argument number 1"},
        {"{{ '\xC3\xA9' | upper }}",
         "unsupported: chat template line 1: filter upper: \"upper\" of letters beyond ASCII"},
        {"{% for x in y recursive %}{% endfor %}", "unsupported: chat template line 1: a recursive loop"},
        {"{% for x in [1] %}{{ loop.depth }}{% endfor %}", "unsupported: chat template line 1: loop.depth"},
        {"{% for x in [1] %}{{ [loop] }}{% endfor %}",
         "unsupported: chat template line 1: the loop as a value"},
        {"{% for x in [1] %}{% macro m() %}{% endmacro %}{% endfor %}",
         "unsupported: chat template line 1: a macro inside a loop or macro"},
        {"{{ a.b }}", "schema: chat template line 1: an item is taken, got \"a\", which is undefined"},
        {"{{ 1 + a }}", "schema: chat template line 1: \"a\" is undefined"},
        {"{{ 1 + 'a' }}", "schema: chat template line 1: operator \"+\" of an integer and a string"},
        {"{{ 1 / 0 }}", "schema: chat template line 1: division by zero"},
        {"{{ 9223372036854775807 + 1 }}", "limit: chat template line 1: an integer beyond 64 bits"},
        {"{{ raise_exception('no') }}",
         "arg: chat template line 1: the template refuses the messages: \"no\""},
        {"{% set a.b = 1 %}", "schema: chat template line 1: \"a\" is no namespace"},
        {"{% if 1 %}", "format: chat template line 1: expected \"endif\", found the end of the template"},
        {"{% endif %}", "unsupported: chat template line 1: statement \"endif\""},
        {"{{ 1", "format: chat template line 1: a tag does not end"},
        {"{{ (1] }}", "format: chat template line 1: unexpected \"]\""},
        {"{{ 'a }}", "format: chat template line 1: a string does not end"},
        {"{{ }}", "format: chat template line 1: expected an expression, found the end of the tag"},
        {"{{ 1 2 }}", "format: chat template line 1: expected the end of the tag, found \"2\""},
        {"{# x", "format: chat template line 1: a comment does not end"},
        {"{% break %}", "format: chat template line 1: \"break\" outside a loop"},
    };
    for (const auto& r : rows) {
        INFO(r.source);
        CHECK(complaint(r.source) == r.message);
    }
}

TEST_CASE("sizes are bounded by the caller's limits") {
    limits small;
    small.string_bytes = 10;
    CHECK(complaint("0123456789a", "[]", small) == "limit: chat template: longer than 10 bytes");
    CHECK(complaint("x", "[[[[[[]]]]]]", small) == "limit: messages: longer than 10 bytes");
    small.json_depth = 3;
    CHECK(complaint("{{ [[[1]]] }}", "[]", small) == "limit: chat template: longer than 10 bytes");
    small.string_bytes = 100;
    CHECK(complaint("{{ [[[1]]] }}", "[]", small) == "");
    CHECK(complaint("{{ [[[[1]]]] }}", "[]", small) ==
          "limit: chat template line 1: values nested too deeply");
    CHECK(complaint("x", "{}") == "schema: messages must be a list, is a dict");
    CHECK(complaint("x", "[1,]").starts_with("format: messages"));
}
