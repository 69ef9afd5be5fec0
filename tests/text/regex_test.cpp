#include <doctest/doctest.h>
#include <chrono>
#include <string>

#include "text/regex.hpp"

using qslip::errc;
using qslip::regex;

static bool finds(const char* pattern, std::string_view text) {
    auto re = regex::compile(pattern);
    REQUIRE_MESSAGE(re.ok(), re.status().message());
    auto match = re->find(text);
    REQUIRE_MESSAGE(match.ok(), match.status().message());
    return match->has_value();
}

TEST_CASE("regex: offsets are bytes, search starts where asked, empty matches are matches") {
    auto re = regex::compile("\\p{L}+");
    REQUIRE(re.ok());
    const std::string text = "1 \xC3\x84pfel, Birne";
    auto first = re->find(text);
    REQUIRE(first.ok());
    REQUIRE(first->has_value());
    CHECK((*first)->begin == 2);
    CHECK((*first)->end == 8);
    auto second = re->find(text, (*first)->end);
    REQUIRE(second.ok());
    REQUIRE(second->has_value());
    CHECK((*second)->begin == 10);
    CHECK((*second)->end == 15);
    CHECK_FALSE(re->find(text, text.size())->has_value());

    auto empty = regex::compile("x*");
    REQUIRE(empty.ok());
    auto match = empty->find("");
    REQUIRE(match.ok());
    REQUIRE(match->has_value());
    CHECK((*match)->begin == 0);
    CHECK((*match)->end == 0);
}

TEST_CASE("regex: Perl syntax, Unicode classes") {
    CHECK(finds("^\\d{4}-\\d{2}-\\d{2}$", "2026-11-23"));
    CHECK(finds("(?i)straSSE", "STRASSE"));
    CHECK(finds("(?<=a)b(?!c)", "abd"));
    CHECK_FALSE(finds("(?<=a)b(?!c)", "abc"));
    CHECK(finds("^\\w+$", "\xD0\xBF\xD1\x80\xD0\xB8"));
}

TEST_CASE("regex: bad patterns are a status with the offset, and never more") {
    struct {
        std::string pattern;
        const char* says;
    } const cases[] = {{"(ab", "at byte 3"},
                       {"[a-", "at byte 3"},
                       {"*a", "at byte 0"},
                       {"a{2,1}", "out of order"},
                       {"(?P<n>a)(?P<n>b)", ""},
                       {"\\C", ""},
                       {"(?'", ""},
                       {"\\p{Nope}", ""},
                       {"\xFF", ""},
                       {"((a{999}){999}){999}", ""},
                       {"(?<=a+)b", ""},
                       {"\\", ""},
                       {std::string(5000, '('), ""}};
    for (const auto& each : cases) {
        INFO(each.pattern.substr(0, 40));
        const auto re = regex::compile(each.pattern);
        REQUIRE_FALSE(re.ok());
        CHECK(re.status().code() == errc::format);
        CHECK(std::string(re.status().message()).find(each.says) != std::string::npos);
    }
    const auto big = regex::compile(std::string(65537, 'a'));
    REQUIRE_FALSE(big.ok());
    CHECK(big.status().code() == errc::limit);
}

TEST_CASE("regex: bad texts are a status with the offset") {
    auto re = regex::compile("a");
    REQUIRE(re.ok());
    const auto broken = re->find("xx\xC3(");
    REQUIRE_FALSE(broken.ok());
    CHECK(broken.status().code() == errc::format);
    CHECK(std::string(broken.status().message()).find("byte 2") != std::string::npos);
    CHECK(re->find("abc", 4).status().code() == errc::arg);
    CHECK(re->find("\xC3\x84", 1).status().code() == errc::arg);
}

TEST_CASE("regex: catastrophic patterns end with budget, quickly") {
    const std::string text = std::string(4000, 'a') + "c";
    for (const char* pattern :
         {"(a+)+[bd]", "(a|a)*[bd]", "(a*)*[bd]", "(?:a?){60}a{60}[bd]", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
        INFO(pattern);
        auto re = regex::compile(pattern);
        REQUIRE(re.ok());
        const auto begin = std::chrono::steady_clock::now();
        const auto match = re->find(text);
        const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        CHECK(seconds < 20.0);
        if (!match.ok()) CHECK(match.status().code() == errc::budget);
    }
    auto re = regex::compile("(a+)+[bd]");
    CHECK(re->find(text).status().code() == errc::budget);
}

TEST_CASE("regex: limits can be lowered") {
    qslip::limits limits;
    limits.regex_match_steps = 10;
    auto re = regex::compile("(?:ab|ac|ad)+[xy]", limits);
    REQUIRE(re.ok());
    CHECK(re->find(std::string("adadadadadadadadadad")).status().code() == errc::budget);
}
