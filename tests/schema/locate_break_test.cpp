// Each row proves that its byte is not too late by hand, and not too early by a continuation: what stands
// before the byte, with `rest` behind it, is a valid instance.
#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <optional>
#include <string>

using namespace qslip;

static schema::compiled compile(const std::string& text) {
    auto made = schema::compile(text);
    REQUIRE_MESSAGE(made, made.status().message());
    return *made;
}
static std::optional<schema::break_point> locate(const schema::compiled& schema, const std::string& text) {
    const auto got = schema::locate_break(text, schema);
    REQUIRE_MESSAGE(got, got.status().message());
    return *got;
}

struct row {
    const char* schema;
    const char* text;  // up to the break; '^' stands before the byte
    const char* keyword;
    const char* location;
    const char* rest;
};

static void check(const row& r) {
    std::string text = r.text;
    const auto byte = text.find('^');
    REQUIRE(byte != text.npos);
    text.erase(byte, 1);
    INFO(r.schema << "  " << r.text);
    const auto compiled = compile(r.schema);
    const auto got = locate(compiled, text);
    REQUIRE(got);
    CHECK(got->byte == byte);
    CHECK(got->keyword == r.keyword);
    CHECK(got->instance_location == r.location);
    const auto mended = compiled.validate(text.substr(0, byte) + r.rest);
    REQUIRE_MESSAGE(mended, mended.status().message());
    CHECK(mended->valid);
    // Cutting the text behind the byte leaves the break where it is.
    if (byte < text.size()) CHECK(locate(compiled, text.substr(0, byte + 1))->byte == byte);
}

TEST_CASE("type: the first byte tells, but for integers") {
    for (const auto& r : {
             row{R"({"type":"object"})", R"(^[1])", "type", "", "{}"},
             row{R"({"properties":{"a":{"type":"string"}}})", R"({"a": ^5})", "type", "/a", "\"\"}"},
             row{R"({"items":{"type":["null","boolean"]}})", R"([null, tru^x)", "", "", "e]"},
             row{R"({"items":{"type":"integer"}})", R"([1.0, 1.5^, 2])", "type", "/1", "e1]"},
             row{R"({"type":"array","items":{"type":"integer"}})", R"([150e-1^2])", "type", "/0", "]"},
             row{R"({"items":{"type":"integer"}})", R"([15e-^1])", "type", "/0", "0]"},
             row{R"({"items":{"type":"integer"}})", R"([1.5e^-1])", "type", "/0", "1]"},
         })
        check(r);
    const auto got = locate(compile(R"({"type":"integer"})"), "1.5");
    REQUIRE(got);
    CHECK(got->byte == 3);
    CHECK(got->keyword == "type");
}

TEST_CASE("enum and const: no member can come of it any more") {
    for (const auto& r : {
             row{R"({"properties":{"u":{"enum":["celsius","fahrenheit","cold"]}}})", R"({"u":"c^K"})", "enum",
                 "/u", "old\"}"},
             row{R"({"enum":["celsius","fahrenheit"]})", R"("celsius^ "})", "enum", "", "\""},
             row{R"({"enum":["celsius","fahrenheit"]})", R"("cel^")", "enum", "", "sius\""},
             row{R"({"const":"A"})", R"("\u004^2")", "const", "", "1\""},
             row{R"({"const":"\u00e9"})", "\"\xc3^\xa8\"", "const", "", "\xa9\""},
             row{R"({"const":"a\nb"})", R"("a\^tb")", "const", "", "nb\""},
             row{R"({"const":"\ud83d\ude00"})", R"("\ud83d\ude0^1")", "const", "", "0\""},
             row{R"({"items":{"enum":[1,25]}})", R"([1.0,2^6])", "enum", "/1", "5]"},
             row{R"({"items":{"enum":[1,25]}})", R"([2.5^])", "enum", "/0", "e1]"},
             row{R"({"items":{"const":25}})", R"([2.50e^2])", "const", "/0", "1]"},
             row{R"({"items":{"const":0.25}})", R"([25e^2])", "const", "/0", "-2]"},
             row{R"({"items":{"const":0}})", R"([-0.0^1])", "const", "/0", "0]"},
             row{R"({"const":{"a":[1,2],"b":null}})", R"({"b":null,"a":[1,^3]})", "const", "", "2]}"},
             row{R"({"const":{"a":[1,2],"b":null}})", R"({"a":[1,2]^})", "const", "", ",\"b\":null}"},
             row{R"({"const":{"a":[1,2]}})", R"({"a":[1,2]^,"c":1})", "const", "", "}"},
             row{R"({"const":{"a":[1,2]}})", R"({"a":[1,2^,3]})", "const", "", "]}"},
             row{R"({"const":{"ab":1,"ac":2}})", R"({"ac":2,"a^c":2})", "const", "", "b\":1}"},
             row{R"({"enum":[{"a":1},[2]]})", R"([2^,2])", "enum", "", "]"},
             row{R"({"const":[]})", R"([^1])", "const", "", "]"},
         })
        check(r);
}

TEST_CASE("keys that no property leaves room for, and required at the closing brace") {
    constexpr auto closed =
        R"({"type":"object","properties":{"name":{},"note":{},"age":{}},"required":["name"],"additionalProperties":false})";
    for (const auto& r : {
             row{closed, R"({"n^umber":1})", "additionalProperties", "", "ame\":1}"},
             row{closed, R"({"name^s":1})", "additionalProperties", "", "\":1}"},
             row{closed, R"({"note":1,"n^ote":1})", "additionalProperties", "", "ame\":2}"},
             row{closed, R"({"note":1,"age":2,"name":3^,"x":1})", "additionalProperties", "", "}"},
             row{closed, R"({"age":3^})", "required", "", ",\"name\":1}"},
             row{R"({"properties":{"x":{"required":["y"]}}})", R"({"x":{"z":1^}})", "required", "/x",
                 ",\"y\":1}}"},
             row{R"({"additionalProperties":false})", R"({^"a":1})", "additionalProperties", "", "}"},
             row{R"({"patternProperties":{"^x_[0-9]$":{}},"additionalProperties":false})", R"({"x_^a":1})",
                 "additionalProperties", "", "1\":2}"},
             row{R"({"patternProperties":{"^n":{"type":"null"}},"additionalProperties":{"type":"string"}})",
                 R"({"a":"","n":^1})", "type", "/n", "null}"},
             row{R"({})", R"({"a":1,"a^":2})", "", "", "b\":2}"},
         })
        check(r);
}

TEST_CASE("maxItems at the comma, maxLength at the character, pattern where no match can begin") {
    for (const auto& r : {
             row{R"({"maxItems":2})", R"([1,2 ^,3])", "maxItems", "", "]"},
             row{R"({"maxItems":0})", R"([^1])", "maxItems", "", "]"},
             row{R"({"maxLength":2})", "\"\xc3\xa9x^\xc3\xa9y\"", "maxLength", "", "\""},
             row{R"({"maxLength":1})", R"("\u0041^\n")", "maxLength", "", "\""},
             row{R"({"maxLength":2})", "\"\xe4\xb8\xad\xe6\x96\x87^\xe5\xad\x97\"", "maxLength", "", "\""},
             row{R"({"pattern":"^[A-Z]{2}-[0-9]+$"})", R"("AB^1")", "pattern", "", "-1\""},
             row{R"({"pattern":"^[A-Z]{2}-[0-9]+$"})", R"("AB-1^x")", "pattern", "", "\""},
             row{R"({"pattern":"^[A-Z]{2}-[0-9]+$"})", R"("AB-^")", "pattern", "", "1\""},
             row{R"x({"pattern":"^(?!foo)"})x", R"("fo^o")", "pattern", "", "x\""},
             row{R"({"pattern":"^abc$"})", R"("abc^d")", "pattern", "", "\""},
             row{R"({"pattern":"b"})", R"("aaa^")", "pattern", "", "b\""},
         })
        check(r);
}

TEST_CASE("a pattern is decided at the end of a character, wherever the text is cut") {
    // Patterns of every shape: a search, a beginning, the whole text.
    for (const auto pattern : {R"({"pattern":"^\\d+$"})", R"({"pattern":"^42"})", R"({"pattern":"^42$"})"})
        for (const std::string character : {"\xc3\xa9", "\xef\xbc\x8e", "\xf0\x9f\x8c\x8a"}) {
            const auto schema = compile(pattern);
            const auto text = "\"" + character + "42\"";
            for (std::size_t n = 0; n <= text.size(); ++n) {
                INFO(pattern << " " << n);
                const auto got = locate(schema, text.substr(0, n));
                REQUIRE(got);
                CHECK(got->byte == std::min<std::size_t>(n, character.size()));
            }
        }
}

TEST_CASE("an exponent of any length: its place in a cut text, the limit's name in a whole one") {
    const auto whole = compile(R"({"type":"integer"})");
    const std::string digits(40, '5');
    for (const auto& text : {"1e" + digits, "1.5E+" + digits, "0e-" + digits}) {
        INFO(text);
        CHECK(schema::locate_break(text, whole).status().code() == errc::limit);
        CHECK(locate(whole, "[" + text)->keyword == "type");
    }
    const auto fraction = locate(whole, "1e-" + digits);
    REQUIRE(fraction);
    CHECK(fraction->keyword == "type");
}

TEST_CASE("what is no JSON, whatever the schema") {
    for (const auto& r : {
             row{"true", R"(^Sure! {})", "", "", "1"},
             row{"true", R"({"a":1} ^x)", "", "", ""},
             row{"true", R"({"a":1^;)", "", "", "}"},
             row{"true", R"({"a":1,^})", "", "", "\"b\":1}"},
             row{"true", R"([0^1])", "", "", "]"},
             row{"true", R"([1.^])", "", "", "1]"},
             row{"true", R"({^'a':1})", "", "", "}"},
             row{"true", R"(["\^x"])", "", "", "n\"]"},
             row{"true", R"(["\u00^g0"])", "", "", "00\"]"},
             row{"true", R"(["\ud83d^x"])", "", "", "\\ude00\"]"},
             row{"true", R"(["\ud^e00"])", "", "", "000\"]"},
             row{"true", "[\"a^\x01\"]", "", "", "\"]"},
             row{"true", "[\"a^\xff\"]", "", "", "\"]"},
             row{"true", "[\"a\xe2\x82^x\"]", "", "", "\xac\"]"},
             row{"true",
                 R"({"a":[1,{"b":tru)"
                 "^",
                 "", "/a/1", "e}]}"},
             row{"true",
                 R"({"a":")"
                 "^",
                 "", "", "\"}"},
             row{"true", "^", "", "", "1"},
         })
        check(r);
}

TEST_CASE("through references and allOf; everything else at the end of input") {
    constexpr auto tree = R"({"$ref":"#/$defs/n","$defs":{"n":{"allOf":[{"type":"object"},)"
                          R"({"properties":{"v":{"type":"integer"},"c":{"items":{"$ref":"#/$defs/n"}}}}]}}})";
    check({tree, R"({"v":1,"c":[{"v":2},{"c":[{"v":^"x"}]}]})", "type", "/c/1/c/0/v", "3}]}]}"});
    for (const auto& [schema, text, keyword] :
         {std::tuple{R"({"minItems":2})", "[1]", "minItems"},
          std::tuple{R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "5", "anyOf"},
          std::tuple{R"({"minimum":3})", "2", "minimum"},
          std::tuple{R"({"not":{"type":"number"}})", "2", "not"},
          std::tuple{R"({"uniqueItems":true})", "[1,1]", "uniqueItems"}}) {
        const auto got = locate(compile(schema), text);
        REQUIRE(got);
        CHECK(got->byte == std::string(text).size());
        CHECK(got->keyword == keyword);
    }
    CHECK_FALSE(locate(compile(tree), R"({"v":1,"c":[{"v":2},{"c":[{"v":3}]}]})"));
    CHECK_FALSE(locate(compile(R"({"enum":[1,"x",{"a":[true]}]})"), R"( {"a" : [ true ] } )"));
}

TEST_CASE("the limits hold here too") {
    CHECK(schema::locate_break(std::string(100000, '['), compile("true")).status().code() == errc::limit);
    std::string many = R"({"items":{"enum":[)";
    for (int i = 0; i < 20000; ++i) many += "\"k" + std::to_string(i) + "\",";
    std::string text = "[";
    for (int i = 0; i < 5000; ++i) text += "\"k19999\",";
    CHECK(schema::locate_break(text, compile(many + "0]}}")).status().code() == errc::budget);
}
