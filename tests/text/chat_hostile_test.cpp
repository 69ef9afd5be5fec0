// Hostile chat templates and messages: an answer or a named error, within five seconds, on a stack of 128
// KiB.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "support/small_stack.hpp"
#include "text/chat_template.hpp"

using namespace qslip;
using qslip_test::on_small_stack;
using qslip_test::thread_seconds;

static std::string repeat(const std::string& s, std::size_t n) {
    std::string out;
    out.reserve(s.size() * n);
    while (n-- > 0) out += s;
    return out;
}

struct outcome {
    qslip::status why;
    double spent_s;
};
static outcome outcome_of(const std::string& source, const std::string& messages) {
    const auto start = thread_seconds();
    const auto parsed = chat_template::parse(source);
    const auto why = parsed ? parsed->render(messages).status() : parsed.status();
    return {why, thread_seconds() - start};
}

static void check_outcome(const std::string& name, const outcome& got) {
    INFO(name << ": " << got.why.message());
    CHECK(std::string(got.why.message()).size() < 400);
    CHECK(got.why.code() != errc::internal);
    CHECK(got.why.ok() == std::string(got.why.message()).empty());
#if !QSLIP_ADDRESS_SANITIZED
    CHECK(got.spent_s < 5);
#endif
}

/// Something nested n deep: `open` n times, `core`, `close` n times.
struct nest {
    const char *before, *open, *core, *close, *after;
    std::string source(std::size_t n) const {
        return before + repeat(open, n) + core + repeat(close, n) + after;
    }
};
static const nest nests[] = {
    {"{{ ", "(", "1", ")", " }}"},
    {"{{ ", "[", "1", "]", " }}"},
    {"{{ ", "{'a': ", "1", "}", " }}"},
    {"{{ ", "(1, ", "1", ")", " }}"},
    {"{{ ", "not ", "1", "", " }}"},
    {"{{ ", "- ", "1", "", " }}"},
    {"{{ ", "+ - ", "1", "", " }}"},
    {"{{ ", "not (", "1", ")", " }}"},
    {"{{ ", "1 if 1 else ", "1", "", " }}"},
    {"{{ 1", " if 1 else 2", "", "", " }}"},
    {"{{ 1", " + 1", "", "", " }}"},
    {"{{ 'a'", " ~ 'b'", "", "", " }}"},
    {"{{ 1", " or 0", "", "", " }}"},
    {"{{ 1", " and 1", "", "", " }}"},
    {"{{ 0 < 1", " == 1", "", "", " }}"},
    {"{{ ", "1 < (", "2", ")", " }}"},
    {"{{ ", "1 + (", "2", ")", " }}"},
    {"{{ ", "'a' ~ (", "'b'", ")", " }}"},
    {"{{ messages", ".a", "", "", " }}"},
    {"{{ messages", "[0]", "", "", " }}"},
    {"{{ messages", "[:]", "", "", " }}"},
    {"{{ ", "messages[", "0", "]", " }}"},
    {"{{ ", "'abc'[:", "2", "]", " }}"},
    {"{{ messages", "|list", "", "", " }}"},
    {"{{ 'a'", ".strip()", "", "", " }}"},
    {"{{ 'a'", "|replace('a', 'b')", "", "", " }}"},
    {"{{ ", "1|default(", "2", ")", " }}"},
    {"{{ ", "'a'.replace('a', ", "'b'", ")", " }}"},
    {"{{ ", "dict(a=", "1", ")", " }}"},
    {"{{ ", "namespace(a=", "1", ")", " }}"},
    {"{{ ", "range(", "1", ")", " }}"},
    {"{{ 1", " is number", "", "", " }}"},
    {"{{ ", "1 is eq [", "1", "]", " }}"},
    {"{{ ", "1 is eq(", "1", ")", " }}"},
    {"", "{% if 1 %}", "x", "{% endif %}", ""},
    {"", "{% if 0 %}{% elif 1 %}", "x", "{% endif %}", ""},
    {"{% if 0 %}", "{% elif 0 %}", "", "", "{% endif %}"},
    {"", "{% if 0 %}{% else %}", "x", "{% endif %}", ""},
    {"", "{% for x in [1] %}", "x", "{% endfor %}", ""},
    {"", "{% for x in [1] if 1 %}", "x", "{% endfor %}", ""},
    {"", "{% for x in [] %}{% else %}", "x", "{% endfor %}", ""},
    {"", "{% set x %}", "x", "{% endset %}", ""},
    {"", "{% generation %}", "x", "{% endgeneration %}", ""},
    {"", "{% for x in [1] %}{% set y %}{% if 1 %}", "x", "{% endif %}{% endset %}{% endfor %}", ""},
    {"{% for x in ", "[1, 2] if ", "[1]", "", " %}{% endfor %}"},
    {"{% set x = ", "(", "1", ")", " %}"},
    {"{% macro m(x=", "[", "1", "]", ") %}{{ x }}{% endmacro %}{{ m() }}"},
    {"{% macro m(x) %}{{ x }}{% endmacro %}{{ ", "m(", "1", ")", " }}"},
    {"{% macro m0() %}x{% endmacro %}", "{% macro m() %}{% if 1 %}", "{{ m0() }}",
     "{% endif %}{% endmacro %}", "{{ m() }}"},
};

TEST_CASE("whatever is nested, however deep, stays on a small stack") {
    std::size_t max_used = 0;
    for (const auto& shape : nests) {
        std::size_t deepest = 0, used = 0;
        for (const std::size_t n : {1u,  8u,  16u,  22u,  23u,  24u,  25u,  44u,  45u,    46u,    47u,
                                    48u, 49u, 100u, 101u, 102u, 103u, 104u, 105u, 10000u, 100000u}) {
            outcome got{{}, 0};
            used = std::max(used, on_small_stack([&] { got = outcome_of(shape.source(n), "[]"); }));
            check_outcome(shape.source(1), got);
            if (got.why.code() != errc::limit) deepest = n;
        }
        CHECK_MESSAGE(deepest >= 8, shape.source(1));
        std::printf("RAN: chat hostile: %-60s to %zu deep, %zu KiB of stack\n", shape.source(1).c_str(),
                    deepest, used >> 10);
        max_used = std::max(max_used, used);
    }
    CHECK(max_used < qslip_test::small_stack_bytes * 3 / 4);
}

/// Values nested by the template, then used in each way; `messages[0]` nests as deep as JSON may.
static const char* const deep_values[] = {
    "{{ messages }}",
    "{{ messages | tojson }}",
    "{{ messages | tojson(indent=2) }}",
    "{{ messages == messages[:] }}{{ messages in [messages] }}",
    "{% for i in range(1000) %}{% set ns.v = [ns.v] %}{% endfor %}",
    "{% for i in range(1000) %}{% set ns.v = (ns.v,) %}{% endfor %}",
    "{% for i in range(1000) %}{% set ns.v = {'a': ns.v} %}{% endfor %}",
    "{% for i in range(1000) %}{% set ns.v = dict(a=ns.v) %}{% endfor %}",
    "{% set ns.v = {} %}{% for i in range(100000) %}{% set ns.v = {'a': ns.v.get} %}{% endfor %}",
    "{% set ns.v = {} %}{% for i in range(100000) %}{% set ns.v = dict(a=ns.v.items, b=ns.v['keys']) %}{% "
    "endfor %}",
    "{% for i in range(1000) %}{% set ns.v = {'a': ns.v}.items() %}{% endfor %}",
    "{% for i in range(1000) %}{% set ns.v = {'a': ns.v} | items | list %}{% endfor %}",
    "{% for i in range(1000) %}{% set ns.v = {'a': ns.v} | dictsort %}{% endfor %}",
    "{% for i in range(150) %}{% set ns.v = [ns.v] %}{% endfor %}{{ ns.v }}{{ ns.v|tojson }}{{ "
    "ns.v|tojson(8) }}"
    "{{ ns.v == [ns.v] }}{{ [ns.v, ns.v] | unique | list }}{{ ns.v in [ns.v] }}",
    "{% for i in range(150) %}{% set ns.v = {'a': ns.v} %}{% endfor %}{{ ns.v }}{{ ns.v|tojson }}{{ ns.v == "
    "ns.v }}",
    "{% set ns.v = namespace(v=ns) %}{% for i in range(1000) %}{% set ns.v = namespace(v=ns.v) %}{% endfor "
    "%}",
};

TEST_CASE("values nested deep stay on a small stack, also where the template is at its deepest") {
    std::size_t max_used = 0;
    const auto messages = repeat("[", 199) + repeat("]", 199);
    const nest places[] = {{"", "", "", "", ""},
                           {"", "{% for x in [1] %}", "", "{% endfor %}", ""},
                           {"", "{% set x %}", "", "{% endset %}", ""},
                           {"{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% else %}", "", "", "",
                            "{% endif %}{% endmacro %}{{ m(12) }}"}};
    for (const std::string value : deep_values)
        for (const auto& place : places) {
            const auto source = std::string("{% set ns = namespace(v=[]) %}") + place.before +
                                repeat(place.open, 40) + value + repeat(place.close, 40) + place.after;
            outcome got{{}, 0};
            const auto used = on_small_stack([&] { got = outcome_of(source, messages); });
            check_outcome(value, got);
            max_used = std::max(max_used, used);
        }
    for (const auto* open : {"[", "{\"a\":", "[1,{\"a\":["})
        for (const std::size_t n : {50u, 199u, 200u, 201u, 511u, 512u, 100000u}) {
            outcome got{{}, 0};
            max_used = std::max(
                max_used, on_small_stack([&] { got = outcome_of("{{ messages }}", "[" + repeat(open, n)); }));
            check_outcome(open, got);
        }
    std::printf("RAN: chat hostile: values nested deep, %zu KiB of stack\n", max_used >> 10);
    CHECK(max_used < qslip_test::small_stack_bytes * 3 / 4);
}

static const char* const endless_macros[] = {
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n=1) %}{{ m(n + 1) ~ 'a' }}{% endmacro %}{{ m() }}",
    "{% macro m(n=m()) %}{{ n }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% if n %}{% for x in [1] %}{% set y %}{{ [m(n)] | join }}{% endset %}{% endfor %}{% "
    "endif %}"
    "{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{% for x in [m(n)] if m(n) %}{% endfor %}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{{ 'a'.replace('a', m(n)) | trim | upper }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{{ {'a': [(m(n), 1)]} if m(n) else not -m(n) }}{% endmacro %}{{ m(1) }}",
    "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% macro m() %}{{ dict(a=namespace(b=m())) }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{{ 'abc'[m(n):] }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{{ 1 is eq m(n) }}{% endmacro %}{{ m(1) }}",
};
TEST_CASE("macros that call themselves stay on a small stack") {
    std::size_t max_used = 0;
    for (const std::string source : endless_macros) {
        outcome got{{}, 0};
        const auto used = on_small_stack([&] { got = outcome_of(source, "[]"); });
        max_used = std::max(max_used, used);
        check_outcome(source, got);
        const bool told = got.why.code() == errc::limit || got.why.code() == errc::budget;
        CHECK_MESSAGE(told, source << ": " << got.why.message());
    }
    std::printf("RAN: chat hostile: macros that call themselves, %zu KiB of stack\n", max_used >> 10);
    CHECK(max_used < qslip_test::small_stack_bytes * 3 / 4);
}

/// What takes long or much memory unless each operation is charged for its size.
static const char* const costly[] = {
    "{{ range(1000000000) }}",
    "{% for a in range(1000000000) %}{% endfor %}",
    "{{ range(-9223372036854775807, 9223372036854775807) | length }}",
    "{% for a in range(3000) %}{% for b in range(3000) %}{% endfor %}{% endfor %}",
    "{% for a in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "{% for a in range(60) %}{% set ns.s = ns.s ~ ns.s ~ ns.s %}{% endfor %}",
    "{% for a in range(60) %}{% set s %}{{ ns.s }}{{ ns.s }}{% endset %}{% set ns.s = s %}{% endfor %}",
    "{% for a in range(60) %}{% set ns.s = ns.s.replace('a', 'aa') %}{% endfor %}",
    "{% for a in range(60) %}{% set ns.s = [ns.s, ns.s] | join %}{% endfor %}",
    "{% for a in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    "{% for a in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l }}",
    "{% for a in range(20) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{% for a in r %}{{ ns.l == ns.l[:] "
    "}}{% endfor %}",
    "{% for a in range(20) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{% for a in r %}{% set x = "
    "ns.l|string|length %}{% endfor %}",
    "{% for a in range(150) %}{% set ns.l = [ns.l] %}{% endfor %}{{ [ns.l] * 1 }}",
    "{% for a in range(150) %}{% set ns.l = [ns.l, range(1000)|list] %}{% endfor %}{{ ns.l | tojson(64) }}",
    "{{ 'a' * 1000000000000 }}",
    "{% for a in r %}{% set x = big | trim %}{% endfor %}",
    "{% for a in r %}{% set x = (' ' * 16000000) | trim %}{% endfor %}",
    "{% set s = ' ' * 16000000 %}{% for a in r %}{% set x = s | trim %}{% endfor %}",
    "{% set s = '7' * 16000000 %}{% for a in r %}{% set x = s | int %}{% endfor %}",
    "{% set s = '7' * 16000000 %}{% for a in r %}{% set x = s | float %}{% endfor %}",
    "{% for a in r %}{% set x = big | length %}{% endfor %}",
    "{% for a in r %}{% set x = big == big ~ '' %}{% endfor %}",
    "{% for a in r %}{% set x = big.strip(big) %}{% endfor %}",
    "{% for a in r %}{% set x = 'a'.strip(big) %}{% endfor %}",
    "{% for a in r %}{% set x = 'a'.startswith(big) %}{% endfor %}",
    "{% set t = [big] * 1 %}{% for a in r %}{% set x = 'a'.startswith((big, big, big, big)) %}{% endfor %}",
    "{% for a in r %}{% set x = 'a'.split(big) %}{% endfor %}",
    "{% for a in r %}{% set x = 'a'.replace(big, big) %}{% endfor %}",
    "{% for a in r %}{% set x = big in big %}{% endfor %}",
    "{{ (big[:1000000] ~ 'b') in big }}",
    "{% set d = {'a': 1} %}{% for a in r %}{% set x = d[big] %}{% endfor %}",
    "{% set d = {'a': 1} %}{% for a in r %}{% set x = d.get(big) %}{% endfor %}",
    "{% for a in r %}{% set x = ns[big] %}{% endfor %}",
    "{% for a in r %}{% set x = {big: 1} %}{% endfor %}",
    "{% set d = {big: 1} %}{% for a in r %}{% set x = d.items() %}{% endfor %}",
    "{% set d = {big: 1} %}{% for a in r %}{% for k in d %}{% endfor %}{% endfor %}",
    "{% set d = {big: 1, big ~ 'b': 2} %}{% for a in r %}{% set x = d | dictsort %}{% endfor %}",
    "{% set d = {big: 1, big ~ 'b': 2} %}{% for a in r %}{% set x = d == d %}{% endfor %}",
    "{% set l = range(300000)|list %}{% set x = l | map(attribute=big) | list %}",
    "{% set l = range(300000)|list %}{% set x = l | sort(attribute=big) | list %}",
    "{% set l = range(300000)|list %}{% set x = l | join(attribute=big) %}",
    "{% set l = range(300000)|list %}{% set x = l | join(big) %}",
    "{% set l = range(300000)|list %}{% set x = l | select('eq', big) | list %}",
    "{% set l = range(300000)|list %}{% set x = l | map('default', big, big) | list %}",
    "{% set l = range(300000)|list %}{% for a in r %}{% set x = l[::-1] %}{% endfor %}",
    "{% set l = range(300000)|list %}{% for a in r %}{% set x = 1 in l %}{% endfor %}",
    "{% set l = range(300000)|map('string')|list %}{% set x = l | unique | list %}",
    "{% set l = range(300000)|map('string')|list %}{% set x = l | sort | list %}",
    "{{ big.split('a') }}",
    "{{ big | list }}",
    "{{ big.replace('a', big) }}",
    "{{ ('\n' * 15) | indent(big, true, true) }}",
    "{{ ('\n' * 16000000) | indent(200, true, true) }}",
    "{% set l = (big, big, big, big) %}{% for a in r %}{% set x = l | join %}{% endfor %}",
    "{% set l = (big, big, big, big) %}{% for a in r %}{% set x = l | tojson %}{% endfor %}",
    "{% for a in r %}{% set x = messages | tojson %}{% endfor %}",
    "{% for a in r %}{% for m in messages %}{% endfor %}{% endfor %}",
    "{% for a in r %}{{ messages | selectattr('role', 'eq', 'user') | list | length }}{% endfor %}",
    "{% for a in range(1000000) %}{% set ns.s = namespace(a=1) %}{% endfor %}",
    "{{ 9223372036854775807 * 9223372036854775807 }}",
    "{{ 'x' | indent(9223372036854775807) }}{{ 'x' * -9223372036854775807 }}",
};

/// On a small stack; returns the seconds it took.
static double seconds_of(const std::string& name, const std::string& source, const std::string& messages,
                         qslip::status* why = nullptr) {
    outcome got{{}, 0};
    on_small_stack([&] { got = outcome_of(source, messages); });
    check_outcome(name, got);
    if (why) *why = got.why;
    return got.spent_s;
}

TEST_CASE("what is costly ends within five seconds and bounded memory") {
    const std::string before =
        "{% set ns = namespace(s='aaaaaaaa', l=[1]) %}{% set r = range(100000) %}{% set big = 'a' * 16000000 "
        "%}";
    const auto messages = "[" + repeat(R"({"role":"user","content":"Hi"},)", 1000) + "{}]";
    double longest_s = 0;
    for (const std::string source : costly)
        longest_s = std::max(longest_s, seconds_of(source, before + source, messages));
    std::printf("RAN: chat hostile: costly templates, longest %.2f s\n", longest_s);
}

TEST_CASE("what is large ends within five seconds") {
    const std::string talk = "{% for m in messages %}<{{ m.role }}>{{ m['content'] }}{% endfor %}";
    const std::string one = R"({"role":"user","content":"Say it again."},)";
    qslip::status why;
    const auto many_s = seconds_of("10^5 messages", talk,
                                   "[" + repeat(one, 99999) + one.substr(0, one.size() - 1) + "]", &why);
    CHECK_MESSAGE(why.ok(), why.message());
    std::printf("RAN: chat hostile: 10^5 messages, %.2f s\n", many_s);
    const auto wide = [](std::size_t n) {  // one message of n members
        std::string out = "[{";
        for (std::size_t i = 0; i < n; ++i) out += "\"k" + std::to_string(i) + "\":0,";
        return out + "\"z\":0}]";
    };
    const std::pair<std::string, std::string> large[] = {
        {talk, "[" + repeat(one, 300000) + "{}]"},
        {talk, "[" + repeat(one, 1000000) + "{}]"},
        {talk, R"([{"role":"user","content":")" + repeat("a", 15 << 20) + "\"}]"},
        {talk, "[" + repeat("1,", 8000000) + "1]"},
        {"{% for i in range(100000) %}{{ messages[0].z }}{% endfor %}", wide(100000)},
        {"{{ messages[0] == messages[0] }}{{ messages[0] | dictsort | length }}", wide(100000)},
        {"{{ " + repeat("1", 1000000) + " }}", "[]"},
        {"{{ '" + repeat("a", 1000000) + "' }}", "[]"},
        {"{{ " + repeat("'a' ", 200000) + " }}", "[]"},
        {"{{ 1." + repeat("1", 1000000) + " }}", "[]"},
        {"{{ 1e" + repeat("9", 1000000) + " }}", "[]"},
        {"{{ " + repeat("a", 1000000) + " }}", "[]"},
        {"{{ [" + repeat("1,", 500000) + "] }}", "[]"},
        {"{{ {" + repeat("'a':1,", 30000) + "} }}", "[]"},
        {"{{ dict(" + repeat("a=1,", 200000) + ") }}", "[]"},
        {"{% macro m(" + repeat("a,", 200000) + ") %}{% endmacro %}", "[]"},
        {"{% for " + repeat("a,", 50000) + "a in [range(50001)] %}{% endfor %}", "[]"},
        {"{% raw %}" + repeat("{%", 500000), "[]"},
        {"{% raw %}" + repeat("{% endraw ", 100000), "[]"},
        {repeat("{#", 500000), "[]"},
        {repeat("{##}a", 200000), "[]"},
        {repeat("{% set a = 1 %}", 60000), "[]"},
        {repeat(" ", 1 << 20), "[]"},
        {repeat("x", (1 << 20) + 1), "[]"},
        {"{{ '" + repeat("\\", 500001) + "' }}", "[]"},
        {repeat("{{ '{' }}\r\n", 90000), "[]"},
    };
    double longest_s = many_s;
    for (const auto& [source, messages] : large)
        longest_s = std::max(longest_s, seconds_of(source.substr(0, 60), source, messages));
    std::printf("RAN: chat hostile: large templates and messages, longest %.2f s\n", longest_s);
#if !QSLIP_ADDRESS_SANITIZED
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("RAN: chat hostile: at most %ld MiB of memory\n", usage.ru_maxrss >> 10);
    CHECK(usage.ru_maxrss < 1024 << 10);  // KiB
#endif
}
