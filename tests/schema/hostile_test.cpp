// Hostile schemas and instances: an answer or a named error, never a crash.
#include <doctest/doctest.h>
#include <qslip/schema/schema.hpp>

#include <string>

using namespace qslip;

static bool valid(const std::string& schema_text, const std::string& instance) {
    const auto compiled = schema::compile(schema_text);
    REQUIRE_MESSAGE(compiled, compiled.status().message());
    const auto got = compiled->validate(instance);
    REQUIRE_MESSAGE(got, got.status().message());
    return got->valid;
}

TEST_CASE("numbers are exact") {
    CHECK(valid(R"({"const":1})", "1.0"));
    CHECK(valid(R"({"const":9007199254740993})", "9007199254740993.0"));
    CHECK_FALSE(valid(R"({"const":9007199254740993})", "9007199254740992"));
    CHECK_FALSE(valid(R"({"const":0.30000000000000004})", "0.3"));
    CHECK(valid(R"({"multipleOf":0.1})", "0.3"));
    CHECK(valid(R"({"maximum":1e400})", "1e399"));
    CHECK_FALSE(valid(R"({"maximum":1e399})", "1e400"));
    CHECK(valid(R"({"multipleOf":0.01})", "1e400"));
}

TEST_CASE("reference loops are named") {
    const auto compiled = schema::compile(R"({"$ref":"#"})");
    REQUIRE_FALSE(compiled);
    CHECK(compiled.status().code() == errc::schema);
    CHECK(std::string(compiled.status().message()).find("loop") != std::string::npos);
    CHECK_FALSE(schema::compile(R"({"$ref":""})"));
    CHECK_FALSE(schema::compile(
        R"({"anyOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"not":{"$ref":"#/$defs/a"}}}})"));
    CHECK_FALSE(schema::compile(R"({"$ref":"http://example.invalid/x"})"));
}

TEST_CASE("depth, budgets, duplicate keys") {
    const auto any = schema::compile("true");
    REQUIRE(any);
    const auto deep = any->validate(std::string(100000, '['));
    CHECK(deep.status().code() == errc::limit);
    CHECK(any->validate(R"({"a":1,"a":2})").status().code() == errc::schema);
    CHECK(any->validate("\"\xff\"").status().code() == errc::format);
    CHECK(any->validate(std::string(1000000, '9')).status().code() == errc::limit);
    const auto slow = schema::compile(R"({"pattern":"^(a+)+$"})");
    REQUIRE(slow);
    CHECK(slow->validate("\"" + std::string(40, 'a') + "b\"").status().code() == errc::budget);
}

TEST_CASE("exponential alternatives are remembered") {
    const auto compiled = schema::compile(
        R"({"$ref":"#/$defs/t","$defs":{"t":{"anyOf":[{"properties":{"x":{"$ref":"#/$defs/t"}},"required":["z"]},)"
        R"({"properties":{"x":{"$ref":"#/$defs/t"}},"required":["z"]}]}}})");
    REQUIRE(compiled);
    std::string instance = "1";
    for (int i = 0; i < 200; ++i) instance = R"({"x":)" + instance + "}";
    const auto got = compiled->validate(instance, schema::output::flag);
    REQUIRE_MESSAGE(got, got.status().message());
    CHECK_FALSE(got->valid);
}

TEST_CASE("faults say where they are") {
    const auto compiled =
        schema::compile(R"({"properties":{"a":{"items":{"type":"string"}}},"required":["b"]})");
    REQUIRE(compiled);
    const auto got = compiled->validate(R"({"a":["x",1]})");
    REQUIRE(got);
    REQUIRE(got->errors.size() == 2);
    CHECK(got->errors[0].instance_location == "/a/1");
    CHECK(got->errors[0].keyword_location == "/properties/a/items/type");
    CHECK(got->errors[0].schema_location == "#/properties/a/items/type");
    CHECK(got->errors[1].keyword == "required");
}
