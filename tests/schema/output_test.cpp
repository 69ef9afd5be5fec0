// What a verdict says: forms, locations, the number kept.
#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace qslip;

static schema::verdict faults(const std::string& text, const std::string& instance, schema::output how) {
    const auto compiled = schema::compile(text);
    REQUIRE_MESSAGE(compiled, compiled.status().message());
    const auto got = compiled->validate(instance, how);
    REQUIRE_MESSAGE(got, got.status().message());
    return *got;
}
static std::string form(const std::string& text, const std::string& instance, schema::output how) {
    return schema::output_json(faults(text, instance, how), how);
}

// The example of 2020-12, core 12.4: two faults at /1, one at the root.
static const std::string polygon =
    R"({"$id":"https://example.com/polygon","$defs":{"point":{"type":"object","properties":{"x":{"type":"number"},)"
    R"("y":{"type":"number"}},"additionalProperties":false,"required":["x","y"]}},)"
    R"("type":"array","items":{"$ref":"#/$defs/point"},"minItems":3})";
static const std::string points = R"([{"x":2.5,"y":1.3},{"x":1,"z":6.7}])";

TEST_CASE("flag") {
    CHECK(form("true", "1", schema::output::flag) == R"({"valid":true})");
    CHECK(form("true", "1", schema::output::detailed) == R"({"valid":true})");
    CHECK(form(polygon, points, schema::output::flag) == R"({"valid":false})");
}

TEST_CASE("basic: a list, each with its three locations") {
    const auto text = form(polygon, points, schema::output::basic);
    const auto v = faults(polygon, points, schema::output::basic);
    REQUIRE(v.errors.size() == 3);
    CHECK(v.errors[0].keyword_location == "/minItems");
    CHECK(v.errors[1].keyword_location == "/items/$ref/additionalProperties");
    CHECK(v.errors[1].instance_location == "/1/z");
    CHECK(v.errors[2].keyword_location == "/items/$ref/required");
    CHECK(v.errors[2].schema_location == "https://example.com/polygon#/$defs/point/required");
    CHECK(text.starts_with(
        R"({"valid":false,"errors":[{"valid":false,"keywordLocation":"/minItems",)"
        R"("absoluteKeywordLocation":"https://example.com/polygon#/minItems","instanceLocation":"",)"
        R"("error":)"));
}

TEST_CASE("detailed: faults of one schema stand in its unit, a unit with one cause is that cause") {
    const auto v = faults(polygon, points, schema::output::detailed);
    REQUIRE(v.errors.size() == 4);
    CHECK(v.errors[3].keyword_location == "/items/$ref");
    CHECK(v.errors[3].schema_location == "https://example.com/polygon#/$defs/point");
    CHECK(v.errors[3].instance_location == "/1");
    CHECK(v.errors[3].n_causes == 2);
    CHECK(v.errors[3].message.empty());
    const auto text = schema::output_json(v, schema::output::detailed);
    CHECK(
        text.find(R"("keywordLocation":"/items/$ref","absoluteKeywordLocation":"https://example.com/polygon#)"
                  R"(/$defs/point","instanceLocation":"/1","errors":[{"valid":false,"keywordLocation":)"
                  R"("/items/$ref/additionalProperties")") != text.npos);
    CHECK(text.ends_with("}]}]}"));
    // One fault only: it is the whole output.
    CHECK(form(R"({"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}})", R"({"a":1})",
               schema::output::detailed)
              .starts_with(
                  R"({"valid":false,"keywordLocation":"/properties/a/anyOf","instanceLocation":"/a","error":)"
                  R"("0 of 2 subschemas match","errors":[{"valid":false,"keywordLocation":)"
                  R"("/properties/a/anyOf/0/type")"));
}

TEST_CASE("locations are escaped: ~ and / in pointers, the rest in URI fragments") {
    const auto v = faults(R"({"$id":"https://e.org/s","properties":{"~a/b c\"\u00e9%":{"type":"number"}}})",
                          R"({"~a/b c\"\u00e9%":""})", schema::output::basic);
    REQUIRE(v.errors.size() == 1);
    CHECK(v.errors[0].instance_location == "/~0a~1b c\"\xc3\xa9%");
    CHECK(v.errors[0].keyword_location == "/properties/~0a~1b c\"\xc3\xa9%/type");
    CHECK(v.errors[0].schema_location == "https://e.org/s#/properties/~0a~1b%20c%22%C3%A9%25/type");
}

TEST_CASE("only so many are kept, and it says so") {
    std::string instance = "[";
    for (int i = 0; i < 100; ++i) instance += "1,";
    for (const auto how : {schema::output::basic, schema::output::detailed}) {
        const auto v = faults(R"({"items":{"type":"string"}})", instance + "1]", how);
        CHECK(v.errors.size() == 64);
        CHECK(v.errors_cut);
    }
    CHECK_FALSE(faults(R"({"items":{"type":"string"}})", "[1]", schema::output::basic).errors_cut);
}

// Answered by one table without faults, branch by branch with them.
TEST_CASE("anyOf that only asks for one of several members") {
    const std::string text =
        R"({"anyOf":[{"required":["a"]},{"required":["b"]},{"required":["a"]},{"required":["c"]}]})";
    for (const std::string instance : {R"({"b":1})", R"({"z":1,"c":null})", "[]", "3", R"("a")"})
        for (const auto how : {schema::output::flag, schema::output::basic})
            CHECK(faults(text, instance, how).valid);
    for (const std::string instance : {"{}", R"({"z":{"a":1}})"}) {
        CHECK_FALSE(faults(text, instance, schema::output::flag).valid);
        CHECK(faults(text, instance, schema::output::basic).errors.size() == 5);
    }
    CHECK(faults(R"({"not":{"anyOf":[{"required":["a"]},{"required":["b"]}]}})", R"({"c":1})",
                 schema::output::flag)
              .valid);
    // A branch that asks for more is none of these.
    CHECK_FALSE(
        faults(R"({"anyOf":[{"required":["a"]},{"required":["b","c"]}]})", R"({"b":1})", schema::output::flag)
            .valid);
}
