// Patterns mean what ECMA-262 says, where PCRE2 would read them otherwise.
#include <doctest/doctest.h>
#include <string>

#include "schema/ecma_pattern.hpp"
#include "schema/pattern.hpp"

using namespace qslip;

static bool matches(const std::string& pattern, const std::string& text) {
    const auto compiled = schema::text_pattern::compile(pattern, limits{});
    REQUIRE_MESSAGE(compiled, compiled.status().message());
    schema::match_memory memory;
    memory.budget = 1000000;
    const auto got = compiled->matches(text, memory);
    REQUIRE_MESSAGE(got, got.status().message());
    return *got;
}

TEST_CASE("read as ECMA-262, not as Perl") {
    CHECK(matches("^a+.+$", "aab"));
    CHECK(matches("^\\d*.?$", "12x"));
    CHECK(matches("^[:alpha:]$", ":"));
    CHECK_FALSE(matches("^[:alpha:]$", "z"));
    CHECK(matches("^(?:(a)|b)\\1$", "b"));
    CHECK(matches("^(?:(?<n>a)|b)\\k<n>c$", "bc"));
    CHECK_FALSE(matches("^(?:(a)|b)\\1$", "a"));
    CHECK_FALSE(matches("a$", "a\n"));
    CHECK_FALSE(matches("^.$", "\xe2\x80\xa8"));
    CHECK(matches("^[^]$", "\n"));
    CHECK_FALSE(matches("[]", "x"));
    CHECK(matches("^\\s$", "\xef\xbb\xbf"));
    CHECK_FALSE(matches("^\\w$", "\xc3\xa9"));
    CHECK_FALSE(matches("\\bx", "\xc3\xa9y"));
    CHECK(matches("^\\ud83d\\ude00$", "\xf0\x9f\x98\x80"));
    CHECK(matches("^.$", "\xf0\x9f\x98\x80"));
}

TEST_CASE("what ECMA-262 refuses with flag u") {
    for (const auto* bad : {"*a",      "a**",    "a*+",      "a++",      "a??+",  "^*",      "$+",
                            "\\b{2}",  "(?=a)*", "(?<!a)?",  "|*",       "(*a)",  "a{2,1}",  "{",
                            "}",       "]",      "a{,2}",    "(",        ")",     "[",       "\\",
                            "\\a",     "\\z",    "\\A",      "\\01",     "\\x1",  "\\u12",   "\\u{110000}",
                            "\\ud83d", "\\c1",   "\\p{foo}", "\\p",      "\\1",   "\\k<q>",  "(?<n>a)(?<n>b)",
                            "(?i)a",   "(?#a)",  "(?>a)",    "(?P<n>a)", "[z-a]", "\\Qa\\E", "\\R"}) {
        INFO(bad);
        CHECK_FALSE(schema::is_ecma_pattern(bad));
    }
}

TEST_CASE("beginnings that may still match") {
    const auto compiled = schema::text_pattern::compile("^(?:ab|cd)+$", limits{});
    REQUIRE(compiled);
    schema::match_memory memory;
    memory.budget = 1000000;
    for (const auto* alive : {"", "a", "ab", "abc", "abcd"}) CHECK(*compiled->may_begin_with(alive, memory));
    for (const auto* dead : {"b", "ac", "abd", "ab "}) CHECK_FALSE(*compiled->may_begin_with(dead, memory));
}

TEST_CASE("costs are charged, and a budget ends a match") {
    const auto compiled = schema::text_pattern::compile("^(a+)+$", limits{});
    REQUIRE(compiled);
    schema::match_memory memory;
    memory.budget = 100000;
    CHECK(*compiled->matches("aaaa", memory));
    CHECK(memory.steps > 0);
    CHECK(memory.steps < 10);
    CHECK(compiled->matches(std::string(40, 'a') + "b", memory).status().code() == errc::budget);
}
