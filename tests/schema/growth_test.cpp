// Work grows with the size of schema and instance, not faster, whatever they are made of.
#include <qslip/limits.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "support/schema_text.hpp"

using namespace qslip;
using qslip_test::compiled_of;
using qslip_test::repeated;

namespace {

struct series {
    const char* name;
    std::function<std::pair<std::string, std::string>(std::size_t)> make;  // schema, instance
    std::size_t first;
};

/// 32-byte strings of equal hash: the second word cancels what the first left.
std::string equal_hash_strings(std::size_t n) {
    std::string out = "[";
    std::size_t found = 0;
    for (std::uint64_t seed = 0; found < n; ++seed) {
        std::uint64_t first = 0;
        for (int i = 0; i < 8; ++i) first |= (0x40 + (seed >> (4 * i) & 15)) << (8 * i);
        const std::uint64_t state = 0x9e3779b97f4a7c15u ^ 32;
        __extension__ using wide = unsigned __int128;
        const auto product = static_cast<wide>(state ^ first) * 0xbf58476d1ce4e5b9u;
        const auto second = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
        bool plain = true;
        for (int i = 0; i < 8; ++i) {
            const auto byte = second >> (8 * i) & 0xff;
            plain = plain && byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\' && byte != ',';
        }
        if (!plain) continue;
        out += '"';
        for (const auto word : {first, second})
            for (int i = 0; i < 8; ++i) out += static_cast<char>(word >> (8 * i) & 0xff);
        out += "0123456789abcdef\",";
        ++found;
    }
    out.back() = ']';
    return out;
}

std::string doubling_chain(std::size_t n, const char* word) {
    std::string out = R"({"$ref":"#/$defs/d0","$defs":{)";
    for (std::size_t i = 0; i < n; ++i) {
        const auto next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
        out += "\"d" + std::to_string(i) + "\":{\"" + word + "\":[" + next + "," + next + "]},";
    }
    return out + "\"d" + std::to_string(n) + R"(":{"properties":{"a":{"type":"null"}}}}})";
}

const std::string branching =
    R"({"$ref":"#/$defs/t","$defs":{"t":{"oneOf":[{"properties":{"x":{"$ref":"#/$defs/t"}},"required":["z"]},)"
    R"({"properties":{"x":{"$ref":"#/$defs/t"}},"required":["x"]},{"type":"number"}]}}})";

}  // namespace

TEST_CASE("eight adversarial series: steps grow at most 2.3 times when the size doubles") {
    using made = std::pair<std::string, std::string>;
    const series all[] = {
        {"nesting",
         [](std::size_t n) {
             return made{R"({"items":{"$ref":"#"},"type":"array"})", repeated("[", n) + repeated("]", n)};
         },
         1000},
        {"branching on a deep instance",
         [](std::size_t n) {
             return made{branching, repeated(R"({"x":)", n) + "1" + repeated("}", n)};
         },
         500},
        {"anyOf that doubles in the schema",
         [](std::size_t n) {
             return made{doubling_chain(n, "anyOf"), R"({"a":1})"};
         },
         500},
        {"allOf that doubles in the schema",
         [](std::size_t n) {
             return made{doubling_chain(n, "allOf"), R"({"a":null})"};
         },
         500},
        {"uniqueItems",
         [](std::size_t n) {
             std::string text = "[";
             for (std::size_t i = 0; i < n; ++i) text += "{\"id\":" + std::to_string(i) + "},";
             return made{R"({"uniqueItems":true})", text + "0]"};
         },
         1000},
        {"uniqueItems with equal hashes",
         [](std::size_t n) {
             return made{R"({"uniqueItems":true})", equal_hash_strings(n)};
         },
         256},
        {"a pattern that backtracks",
         [](std::size_t n) {
             return made{R"({"items":{"pattern":"^[a-z]*[0-9]?$"}})",
                         "[" + repeated("\"abcdefgh\",", n) + "\"a\"]"};
         },
         1000},
        {"unevaluatedProperties behind allOf",
         [](std::size_t n) {
             std::string text = "{";
             for (std::size_t i = 0; i < n; ++i) text += "\"k" + std::to_string(i) + "\":1,";
             return made{
                 R"({"allOf":[{"patternProperties":{"[02468]$":true}},{"patternProperties":{"[13579]$":true}}],)"
                 R"("properties":{"z":{}},"unevaluatedProperties":false})",
                 text + "\"z\":1}"};
         },
         500},
    };
    limits wide;
    wide.json_depth = 1 << 20;
    for (const auto& s : all) {
        double before = 0;
        for (std::size_t n = s.first, doubled = 0; doubled < 7; n *= 2, ++doubled) {
            INFO(s.name << " " << n);
            const auto [text, instance] = s.make(n);
            schema::compile_options options;
            options.limits = wide;
            const auto got = compiled_of(text, options).validate(instance, schema::output::flag);
            REQUIRE_MESSAGE(got, got.status().message());
            const auto steps = static_cast<double>(got->n_steps);
            if (before > 0) CHECK(steps <= 2.3 * before);
            before = steps;
        }
    }
}

TEST_CASE("names of equal hash in a schema do not slow its lookups") {
    auto names = equal_hash_strings(200);
    const auto compiled = compiled_of(R"({"required":)" + names + "}");
    names.front() = '{';
    names.pop_back();
    std::string instance;
    for (const char c : names) {
        if (c == ',') instance += ":0";
        instance += c;
    }
    CHECK(compiled.validate(instance + ":0}")->valid);
    CHECK_FALSE(compiled.validate("{}")->valid);
}
