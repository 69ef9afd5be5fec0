// Where a JSON text breaks and what stands before, by hand and against simdjson.
#include "json/json_scanner.hpp"

#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <simdjson.h>
#include <algorithm>
#include <string>

#include "json/json_syntax.hpp"

using namespace qslip;

namespace {

std::size_t stop_of(std::string_view text) {
    json_scanner scanner(text, json_strings::unicode);
    while (scanner.next()) {
    }
    return scanner.fault() ? scanner.stop() : std::string_view::npos;
}

/// Each token's bytes; a scalar whose end the text does not show has a '~' behind it.
std::string tokens_of(std::string_view text) {
    json_scanner scanner(text, json_strings::unicode);
    std::string out;
    while (const auto token = scanner.next()) {
        out += out.empty() ? "" : " ";
        out += text.substr(token->begin, token->end - token->begin);
        if (!token->closed) out += '~';
    }
    return out;
}

/// Random JSON, then up to three bytes of it changed, put in, left out, or the text cut.
class text_maker {
public:
    std::string next() {
        auto text = value(1 + draw(4));
        for (auto n = draw(4); n > 0 && !text.empty(); --n) damage(text);
        return text;
    }

private:
    std::uint64_t draw(std::uint64_t n) { return rng_.index_at(n_draws_++, n); }

    std::string value(std::uint64_t depth) {
        static constexpr const char* scalars[] = {"0",
                                                  "-0",
                                                  "12",
                                                  "-3.5",
                                                  "1e5",
                                                  "2E-3",
                                                  "1.0e+2",
                                                  "true",
                                                  "false",
                                                  "null",
                                                  "\"\"",
                                                  R"("\n\u00e4\"")",
                                                  R"("\ud83d\ude00x")",
                                                  R"("\uD7ff\ue000")",
                                                  "\"\xc3\xa9\xe4\xb8\xad\"",
                                                  "\"\xf0\x9f\x98\x80\"",
                                                  R"("{[\"\\")",
                                                  "[]",
                                                  "{}",
                                                  "\t1 "};
        if (depth == 0 || draw(3) == 0) return scalars[draw(std::size(scalars))];
        const bool is_object = draw(2) == 0;
        std::string out;
        for (auto n = draw(4); n > 0; --n)
            out += (out.empty() ? "" : ", ") + std::string(is_object ? "\"k\" :" : "") + value(depth - 1);
        return is_object ? "{" + out + "}" : "[" + out + "]";
    }

    void damage(std::string& text) {
        constexpr std::string_view bytes =
            "{}[]\",:\\ue019dDbcCfFrtnl .-+E\n\x01\x80\xbf\xc3\xe2\xed\xa0\xf0\xf4\x9f\xff";
        const auto at = draw(text.size());
        const char byte = bytes[draw(bytes.size())];
        switch (draw(4)) {
            case 0: text[at] = byte; break;
            case 1: text.insert(at, 1, byte); break;
            case 2: text.erase(at, 1); break;
            default: text.resize(at);
        }
    }

    counter_rng rng_{20};
    std::uint64_t n_draws_ = 0;
};

}  // namespace

TEST_CASE("json_scanner: the tokens of a text that stops anywhere") {
    CHECK(tokens_of(R"( {"a": [1, "x\n"], "b":null} )") == R"({ "a" [ 1 "x\n" ] "b" null })");
    CHECK(tokens_of(R"({"a":[true,fal)") == R"({ "a" [ true fal~)");
    CHECK(tokens_of(R"({"a":-1.)") == R"({ "a" -1.~)");
    CHECK(tokens_of("[12") == "[ 12~");
    CHECK(tokens_of("12 ") == "12");
    CHECK(tokens_of(R"(["\ud83d\ux"])") == R"([ "\ud83d\u~)");
    CHECK(tokens_of("[}") == "[");
    CHECK(tokens_of("") == "");
}

TEST_CASE("json_syntax: each fault has its byte and its name") {
    struct row {
        const char* text;
        std::size_t byte;
        const char* what;
    };
    for (const row& expected : {
             row{" ", 1, "ends where a value is due"},
             row{"[1, x]", 4, "a value is due here"},
             row{"[ tru", 2, "a value is due here"},
             row{"nul1", 0, "a value is due here"},
             row{"[-01]", 2, "a number with a leading zero"},
             row{"-", 1, "a digit is due here"},
             row{"[1.e5]", 3, "a digit is due here"},
             row{"1e+", 3, "a digit is due here"},
             row{"[1}", 2, "',' or ']' is due here"},
             row{"{\"a\":1]", 6, "',' or '}' is due here"},
             row{"[[1] ", 5, "ends inside an array"},
             row{"{\"a\":{}", 7, "ends inside an object"},
             row{"{ ", 2, "a key in double quotes is due here"},
             row{"{\"a\" ", 5, "':' is due here"},
             row{"[\"abc", 1, "a string without its closing quote"},
             row{"[\"abc\\", 6, "a string without its closing quote"},
             row{"\"\\u12", 5, "four hex digits are due after \\u"},
             row{"\"\\x\"", 2, "an unknown escape"},
             row{"\"\t\"", 1, "a control character inside a string"},
             row{"{} {}", 3, "more text after the value"},
         }) {
        INFO(expected.text);
        const auto fault = find_json_fault(expected.text);
        REQUIRE(fault);
        CHECK(fault->byte == expected.byte);
        CHECK(std::string(fault->what) == expected.what);
    }
}

TEST_CASE("json_syntax: the grammar lets any bytes stand in a string, and half a surrogate pair") {
    for (const std::string text : {"\"\xff\"", R"("\ud83d")", R"("\udc00")"}) {
        INFO(text);
        CHECK_FALSE(find_json_fault(text));
        CHECK(stop_of(text) < text.size());
    }
}

TEST_CASE("json_syntax: the value at the front, whatever follows") {
    CHECK(json_value_bytes(R"({"a":"}"}} and more)") == 9);
    CHECK(json_value_bytes("1 2") == 1);
    CHECK_FALSE(json_value_bytes("[1}").has_value());
    CHECK_FALSE(json_value_bytes("[1").has_value());
    CHECK_FALSE(json_value_bytes("tru").has_value());
}

TEST_CASE("json_scanner: simdjson's verdict on random and damaged texts") {
    text_maker texts;
    simdjson::dom::parser parser;
    std::size_t n_whole = 0, n_broken = 0;
    for (int i = 0; i < 40'000; ++i) {
        const auto text = texts.next();
        simdjson::dom::element root;
        const auto code = parser.parse(text).get(root);
        const bool is_whole = stop_of(text) == text.npos;
        // Of its numbers some are only out of range: no matter of grammar.
        if (is_whole && code == simdjson::NUMBER_ERROR) continue;
        INFO(text);
        REQUIRE(is_whole == (code == simdjson::SUCCESS));
        ++(is_whole ? n_whole : n_broken);
    }
    CHECK(n_whole > 5'000);
    CHECK(n_broken > 5'000);
}

TEST_CASE("json_scanner: a text breaks at one byte, wherever it is cut") {
    text_maker texts;
    for (int i = 0; i < 5'000; ++i) {
        const auto text = texts.next();
        const auto stop = std::min(stop_of(text), text.size());
        for (std::size_t n = 0; n <= text.size(); ++n) {
            INFO(text << " " << n);
            const auto cut = stop_of(text.substr(0, n));
            // A whole value may stand before the cut.
            REQUIRE((n > stop ? cut == stop : cut == n || cut == text.npos));
        }
    }
}
