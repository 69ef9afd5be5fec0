#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace qslip;

static schema::complexity of(const std::string& text) {
    const auto compiled = schema::compile(text);
    REQUIRE_MESSAGE(compiled, compiled.status().message());
    const auto got = schema::complexity_of(*compiled);
    REQUIRE_MESSAGE(got, got.status().message());
    return *got;
}

static const std::string answer =
    R"({"type":"object","properties":{"answer":{"type":"string"}},"required":["answer"]})";
static const std::string answer_and_confidence =
    R"({"type":"object","properties":{"answer":{"type":"string"},)"
    R"("confidence":{"type":"number","minimum":0,"maximum":5}},"required":["answer","confidence"]})";
static const std::string tree =
    R"({"type":"object","properties":{"value":{"type":"string"},)"
    R"("children":{"type":"array","items":{"$ref":"#"}}},"required":["value","children"]})";

TEST_CASE("golden values L1 of the metrics") {
    const std::pair<std::string, std::pair<double, complexity_class>> rows[] = {
        {answer, {1, complexity_class::s0}},
        {answer_and_confidence, {4, complexity_class::s0}},
        {R"({"type":"object","properties":{"q":{"type":"array","items":{"type":"string"}}},"required":["q"]})",
         {6, complexity_class::s1}},
        {R"({"type":"array","items":)" + answer_and_confidence + "}", {12, complexity_class::s2}},
        {tree, {15, complexity_class::s2}}};
    for (const auto& row : rows) {
        const auto& text = row.first;
        const auto& expected = row.second;
        INFO(text);
        CHECK(of(text).points() == expected.first);
        CHECK(class_of(of(text)) == expected.second);
    }
}

TEST_CASE("each count") {
    auto c = of(tree);
    CHECK(c.depth == 2);
    CHECK(c.n_required == 1);
    CHECK(c.n_arrays == 1);
    CHECK(c.n_arrays_of_objects == 1);
    CHECK(c.n_recursions == 1);
    c = of(R"({"type":"object","additionalProperties":false,"properties":{"a":{"type":["string","null"]},)"
           R"("b":{"enum":[1,2]},"c":{},"d":{"anyOf":[{"type":"integer"},{"type":"array","uniqueItems":true,)"
           R"("items":{"pattern":"x","format":"email"}}]}},"required":["d"]})");
    CHECK(c.depth == 2);
    CHECK(c.n_optional == 3);
    CHECK(c.n_required == 2);  // the integer and the items of d
    CHECK(c.n_arrays == 1);
    CHECK(c.n_arrays_of_objects == 0);
    CHECK(c.n_constraints == 5);
    CHECK(c.n_combinators == 1);
}

TEST_CASE("a definition counts at each place that refers to it, and conditions ask for no leaf") {
    const auto c =
        of(R"({"properties":{"a":{"$ref":"#/$defs/p"},"b":{"$ref":"#/$defs/p"}},"not":{"required":["z"],)"
           R"("properties":{"z":{"type":"string","minLength":3}}},)"
           R"("$defs":{"p":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}}},)"
           R"("unused":{"type":"array","minItems":1}}})");
    CHECK(c.n_optional == 4);
    CHECK(c.depth == 2);
    CHECK(c.n_constraints == 1);
    CHECK(c.n_combinators == 1);
    CHECK(c.n_arrays == 0);
}

TEST_CASE("references that double at each step end with a budget error") {
    std::string text = R"({"$ref":"#/$defs/d0","$defs":{)";
    for (int i = 0; i < 40; ++i) {
        const auto next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
        text += "\"d" + std::to_string(i) + R"(":{"properties":{"a":)" + next + ",\"b\":" + next + "}},";
    }
    const auto compiled = schema::compile(text + R"("d40":{"type":"string"}}})");
    REQUIRE_MESSAGE(compiled, compiled.status().message());
    CHECK(schema::complexity_of(*compiled).status().code() == errc::budget);
}
