#include <qslip/detail/json/json_writer.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <support/temp_folder.hpp>

#include "json/json_read.hpp"
#include "json/json_syntax.hpp"

using namespace qslip;

namespace {

std::string fault_of(std::string_view text, const limits& limits = {}) {
    json_reader reader(limits);
    const auto buffer = json_text::copy_of(text);
    const auto root = reader.parse(buffer, "f.json");
    return root ? "" : std::string(errc_name(root.status().code())) + " " + root.status().message();
}
std::string message(const status& s) { return s.message(); }

}  // namespace

TEST_CASE("json_writer: structure, numbers, escapes") {
    std::string out;
    json_writer w(out);
    w.begin_object().member("a", 1).member("b", 0.1).member("c", "x\"\\\n\x01\x7f").key("d").begin_array();
    w.value(true).value(false).null().value(-0.0).value(1e300).value(3.0);
    w.value(std::numeric_limits<double>::quiet_NaN()).value(-std::numeric_limits<double>::infinity());
    w.begin_array().end_array().begin_object().end_object().end_array();
    w.member("max", std::numeric_limits<std::uint64_t>::max())
        .member("min", std::numeric_limits<std::int64_t>::min());
    w.key("raw").raw("[1]").member("u", "\xC3\xA4 \xFF \xC0\x80").end_object();
    CHECK(out ==
          "{\"a\":1,\"b\":0.1,\"c\":\"x\\\"\\\\\\n\\u0001\x7f\",\"d\":[true,false,null,-0,1e+300,3,null,null,"
          "[],{}],"
          "\"max\":18446744073709551615,\"min\":-9223372036854775808,\"raw\":[1],"
          "\"u\":\"\xC3\xA4 \\ufffd \\ufffd\\ufffd\"}");
}

TEST_CASE("json_writer: indented") {
    std::string out;
    json_writer w(out, 2);
    w.begin_object().member("a", 1).key("b").begin_array().value(1).value("x").end_array();
    w.key("c").begin_object().end_object().end_object();
    CHECK(out == "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    \"x\"\n  ],\n  \"c\": {}\n}");
}

TEST_CASE("json_writer: what it writes reads back") {
    std::string all;
    for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
    all += '\0';
    const double numbers[] = {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -123456789.125, 1e21, 1e-7};
    std::string out;
    json_writer w(out);
    w.begin_object().member(all, all).key("n").begin_array();
    for (const double x : numbers) w.value(x);
    w.end_array().end_object();
    json_reader reader{limits{}};
    const auto buffer = json_text::copy_of(out);
    const auto root = reader.parse(buffer, "x");
    REQUIRE(root.ok());
    const auto text = root->need(all);
    REQUIRE(text.ok());
    CHECK(text->text().value() == all);
    const auto items = root->need("n").value().items().value();
    for (std::size_t i = 0; i < items.size(); ++i) CHECK(items[i].number().value() == numbers[i]);
}

TEST_CASE("json_read: typed access names file, field and what was found") {
    json_reader reader{limits{}};
    const auto text = json_text::copy_of(R"({"a":{"b":[1,"two",3.5,null,-4,true]},"s":3})");
    const auto root = reader.parse(text, "p.jsonl:37");
    REQUIRE(root.ok());
    CHECK(message(root->need("s")->text().status()) == "p.jsonl:37: \"s\" must be a string, is number 3");
    CHECK(root->need("s")->text().status().code() == errc::schema);
    const auto items = root->need("a")->need("b")->items();
    REQUIRE(items.ok());
    CHECK(message((*items)[1].number().status()) ==
          "p.jsonl:37: \"a.b[1]\" must be a number, is string \"two\"");
    CHECK(message((*items)[2].count().status()) ==
          "p.jsonl:37: \"a.b[2]\" must be an integer >= 0, is number 3.5");
    CHECK(message((*items)[3].boolean().status()) == "p.jsonl:37: \"a.b[3]\" must be true or false, is null");
    CHECK(message((*items)[4].count().status()) ==
          "p.jsonl:37: \"a.b[4]\" must be an integer >= 0, is number -4");
    CHECK(message((*items)[5].text().status()) == "p.jsonl:37: \"a.b[5]\" must be a string, is true");
    CHECK(message(root->need("q").status()) == "p.jsonl:37: \"q\" is missing");
    CHECK(message(root->text().status()) == "p.jsonl:37: must be a string, is an object");
    CHECK_FALSE(root->find("zz").has_value());
    CHECK(root->members()->size() == 2);
}

TEST_CASE("json_read: lines of one text, in place") {
    json_reader reader{limits{}};
    const auto text = json_text::copy_of("{\"a\":1}\n[12]\n7");
    CHECK(reader.parse_part(text, 0, 7, "f:1")->need("a")->count().value() == 1);
    CHECK(reader.parse_part(text, 8, 4, "f:2")->items()->size() == 1);
    CHECK(reader.parse_part(text, 13, 1, "f:3")->count().value() == 7);
    CHECK_FALSE(reader.parse_part(text, 8, 3, "f:2").ok());
}

TEST_CASE("json_read: faults carry line and column") {
    CHECK(fault_of("{\n  \"a\": 1,\n  \"b\" 2\n}") == "format f.json: line 3, column 7: ':' is due here");
    CHECK(fault_of("") == "format f.json: column 1: ends where a value is due");
    CHECK(fault_of("[1,]") == "format f.json: column 4: a value is due here");
    CHECK(fault_of("[1 2]") == "format f.json: column 4: ',' or ']' is due here");
    CHECK(fault_of("{\"a\":1,}") == "format f.json: column 8: a key in double quotes is due here");
    CHECK(fault_of("[1") == "format f.json: column 3: ends inside an array");
    CHECK(fault_of("1 1") == "format f.json: column 3: more text after the value");
    CHECK(fault_of("[\"a\nb\"]") == "format f.json: line 1, column 4: a control character inside a string");
    CHECK(fault_of("[\"\\q\"]") == "format f.json: column 4: an unknown escape");
    CHECK(fault_of("[01]") == "format f.json: column 2: a number with a leading zero");
    CHECK(fault_of("[nulL]") == "format f.json: column 2: a value is due here");
    CHECK(fault_of("[\"\xFF\"]") == "format f.json: column 3: not UTF-8");
    CHECK(fault_of("\xEF\xBB\xBF{}") ==
          "format f.json: starts with a byte-order mark; save it as UTF-8 without one");
    CHECK(fault_of(std::string_view("[1]\0", 4)) == "format f.json: column 4: more text after the value");
    CHECK(fault_of("[1e400]") ==
          "format f.json: a number is beyond the range of 64-bit integers and doubles");
    CHECK(fault_of("[18446744073709551616]").starts_with("format"));
    CHECK(fault_of("[\"\\ud800\"]").starts_with("format f.json: not JSON"));
    CHECK(fault_of("{\"a\":[{\"k\":1,\"\\u006b\":2}]}") ==
          "schema f.json: key \"k\" occurs twice in one object");
}

TEST_CASE("json_read: every prefix of a document is refused with a place") {
    const std::string text = R"({"a": [1, -2.5e+3, true, null, "x\u00e4\n"], "b": {"c": {}}})";
    CHECK(fault_of(text).empty());
    CHECK_FALSE(find_json_fault(text).has_value());
    for (std::size_t n = 0; n < text.size(); ++n) {
        INFO(n);
        CHECK(fault_of(text.substr(0, n)).find("column") != std::string::npos);
    }
}

TEST_CASE("json_read: depth and size limits") {
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    CHECK(fault_of(nested(200)).empty());
    CHECK(fault_of(nested(500)).empty());
    CHECK(fault_of(nested(513)).starts_with("limit"));
    CHECK(fault_of(nested(1'000'000)).starts_with("limit"));
    limits small;
    small.json_bytes = 10;
    CHECK(fault_of("[1,2,3,4,5]", small).starts_with("limit"));
    CHECK(fault_of("[1,2,3,4]", small).empty());
    test::temp_folder dir;
    test::write_file(dir.file("f.json"), "[1,2,3,4,5]");
    CHECK(json_text::read_file(dir.file("f.json"), small).status().code() == errc::limit);
    CHECK(json_text::read_file(dir.file("f.json"), {})->view() == "[1,2,3,4,5]");
    CHECK(json_text::read_file(dir.file("g.json"), {}).status().code() == errc::not_found);
}
