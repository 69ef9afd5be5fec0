// Hostile schemas and instances: an answer or a named error, within the budget, on a stack of 128 KiB.
#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/schema_text.hpp"
#include "support/small_stack.hpp"

using namespace qslip;
using qslip_test::compiled_of;
using qslip_test::on_small_stack;
using qslip_test::repeated;
using qslip_test::thread_seconds;

static bool valid(const std::string& schema_text, const std::string& instance) {
    const auto got = compiled_of(schema_text).validate(instance);
    REQUIRE_MESSAGE(got, got.status().message());
    return got->valid;
}

/// Fails when `work` takes longer than it may.
static void within_five_seconds(const char* what, const std::function<void()>& work) {
    const auto start = thread_seconds();
    work();
    const double spent_s = thread_seconds() - start;
    std::printf("RAN: schema hostile: %s: %.2f s\n", what, spent_s);
#if !QSLIP_ADDRESS_SANITIZED
    CHECK_MESSAGE(spent_s < 5, what);
#endif
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
    CHECK_FALSE(valid(R"({"uniqueItems":true})", "[1e2, 100.0]"));
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
    // Whether this one loops depends on the instance.
    const auto got = compiled_of(R"({"if":{"type":"string"},"then":{"$ref":"#"}})").validate("\"x\"");
    REQUIRE_FALSE(got);
    CHECK(got.status().code() == errc::schema);
}

TEST_CASE("duplicate keys, bad UTF-8, surrogates, BOM") {
    const auto any = compiled_of("true");
    CHECK(any.validate(R"({"a":1,"a":2})").status().code() == errc::schema);
    CHECK(any.validate(R"({"a":1,"\u0061":2})").status().code() == errc::schema);
    std::string wide = "{";
    for (int i = 0; i < 100; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
    CHECK(any.validate(wide + "\"k\":0}"));
    CHECK(any.validate(wide + "\"k77\":0}").status().code() == errc::schema);
    for (const auto* bad : {"\"\xff\"",
                            "\"\xed\xa0\x80\"",
                            R"("\ud800")",
                            R"("\udc00")",
                            R"("\ud800\u0041")",
                            "\xef\xbb\xbf{}",
                            "",
                            " ",
                            "[1,]",
                            "{\"a\"}",
                            "01",
                            "1.",
                            "-",
                            "nul",
                            "truex",
                            "\"a\nb\"",
                            "[1 2]",
                            "1\"a\"",
                            "\"a\"b",
                            "[1]]",
                            "\\\"a\"",
                            "[\"a\":1]",
                            "{1:2}",
                            "+1",
                            ".5",
                            "1e",
                            "1e+",
                            "\"\\x\"",
                            "\"\\u12\"",
                            "[[]",
                            "]"}) {
        INFO(bad);
        CHECK(any.validate(bad).status().code() == errc::format);
    }
}

TEST_CASE("each ends within five seconds, on a stack of 128 KiB") {
    on_small_stack([] {
        const auto any = compiled_of("true");
        constexpr std::size_t deep = 100000, document = 64 << 20;
        limits wide;
        wide.json_depth = 2 * deep;
        schema::compile_options all_depths;
        all_depths.limits = wide;

        within_five_seconds("depth 10^5 at the default limit", [&] {
            CHECK(any.validate(repeated("[", deep)).status().code() == errc::limit);
            CHECK(schema::compile(repeated(R"({"not":)", deep)).status().code() == errc::limit);
        });
        within_five_seconds("depth 10^5 allowed", [&] {
            const auto open = compiled_of(R"({"items":{"$ref":"#"}})", all_depths);
            CHECK(open.validate(repeated("[", deep) + repeated("]", deep))->valid);
            const auto nested =
                schema::compile(repeated(R"({"not":)", deep) + "{}" + repeated("}", deep), all_depths);
            REQUIRE_MESSAGE(nested, nested.status().message());
            CHECK(nested->validate("1")->valid);
            CHECK(schema::complexity_of(*nested));
            const auto strings = compiled_of(R"({"items":{"$ref":"#"},"type":"array"})", all_depths);
            CHECK_FALSE(
                strings.validate(repeated("[", deep) + "1" + repeated("]", deep), schema::output::detailed)
                    ->valid);
            CHECK(schema::locate_break(repeated("[", deep) + "1", strings));
        });
        within_five_seconds("catastrophic patterns", [&] {
            for (const auto* pattern :
                 {"^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$",
                  "(.*)*\\\\1b", "^(?=(a+)+$)b", "a*[bc]", "^.*a*[bc]"}) {
                INFO(pattern);
                const auto slow = compiled_of(R"({"items":{"pattern":")" + std::string(pattern) + "\"}}");
                for (const std::size_t n : {40u, 4000u, 1000000u}) {
                    const auto got =
                        slow.validate("[\"" + repeated("a", n) + "!\",\"" + repeated("x", n) + "\"]");
                    if (!got) CHECK(got.status().code() == errc::budget);
                }
            }
        });
        within_five_seconds("many strings against a slow pattern", [&] {
            const auto slow = compiled_of(R"({"items":{"pattern":"^(a+)+$"}})");
            CHECK(slow.validate("[" + repeated("\"aaaaaaaaaaaaaaaaaaaaaaaaa!\",", 2000000) + "0]")
                      .status()
                      .code() == errc::budget);
        });
        within_five_seconds("patterns that are too large or too deep", [&] {
            for (const auto& pattern : {repeated("(", 100000), repeated("(", 30000) + repeated(")", 30000),
                                        repeated("(?:a{1,999}){1,999}", 9), repeated("[", 60000),
                                        repeated("a{65535}", 8000), repeated("(", 249) + repeated(")", 249)})
                (void)schema::compile(R"({"pattern":")" + pattern + "\"}");
        });
        within_five_seconds("reference loops and chains", [&] {
            std::string chain = R"({"$ref":"#/$defs/d0","$defs":{)";
            for (std::size_t i = 0; i < deep; ++i)
                chain +=
                    "\"d" + std::to_string(i) + R"(":{"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"},";
            const auto end = R"("d)" + std::to_string(deep) + "\":";
            CHECK(compiled_of(chain + end + "{\"type\":\"null\"}}}").validate("null")->valid);
            CHECK_FALSE(compiled_of(chain + end + "{\"type\":\"null\"}}}").validate("1")->valid);
            CHECK(schema::compile(chain + end + R"({"$ref":"#"}}})").status().code() == errc::schema);
        });
        within_five_seconds("exponential anyOf", [&] {
            std::string doubled = R"({"$ref":"#/$defs/d0","$defs":{)";
            for (int i = 0; i < 1000; ++i) {
                const auto next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
                doubled += "\"d" + std::to_string(i) + R"(":{"anyOf":[)" + next + "," + next + "]},";
            }
            CHECK_FALSE(compiled_of(doubled + R"("d1000":{"type":"null"}}})")
                            .validate("1", schema::output::flag)
                            ->valid);
            const auto branching = compiled_of(
                R"({"$ref":"#/$defs/t","$defs":{"t":{"anyOf":[{"properties":{"x":{"$ref":"#/$defs/t"}},"required":["z"]},)"
                R"({"properties":{"x":{"$ref":"#/$defs/t"}},"required":["z"]}]}}})",
                all_depths);
            const auto instance = repeated(R"({"x":)", 50000) + "1" + repeated("}", 50000);
            CHECK_FALSE(branching.validate(instance, schema::output::flag)->valid);
            // Collecting faults forgets nothing and so ends at the budget: the answer stands.
            const auto told = branching.validate(instance, schema::output::basic);
            REQUIRE_MESSAGE(told, told.status().message());
            CHECK_FALSE(told->valid);
        });
        within_five_seconds("enum of 10^6 members", [&] {
            std::string huge = R"({"items":{"enum":[)";
            std::string many = "[";
            for (int i = 0; i < 1000000; ++i) huge += "\"value" + std::to_string(i) + "\",";
            for (int i = 0; i < 100000; ++i) many += "\"value" + std::to_string(7 * i) + "\",";
            const auto compiled = compiled_of(huge + "null]}}");
            CHECK(compiled.validate(many + "null]")->valid);
            CHECK_FALSE(compiled.validate(many + "1]")->valid);
        });
        within_five_seconds("a million digits", [&] {
            const auto digits = repeated("9", 1000000);
            CHECK(any.validate(digits).status().code() == errc::limit);
            CHECK(any.validate("1e" + digits).status().code() == errc::limit);
            schema::compile_options long_numbers;
            long_numbers.limits.json_digits = 2000000;
            const auto multiple =
                compiled_of(R"({"multipleOf":0.7,"maximum":1e999999,"type":"integer"})", long_numbers);
            CHECK(multiple.validate(digits));
            const auto by_many = schema::compile(R"({"multipleOf":)" + digits + "}", long_numbers);
            REQUIRE(by_many);
            CHECK(by_many->validate(repeated("7", 1000000) + "1").status().code() == errc::budget);
            CHECK(by_many->validate("1e999999999").status().code() == errc::budget);
            CHECK_FALSE(compiled_of(R"({"uniqueItems":true})", long_numbers)
                            .validate("[" + digits + "," + digits + ".0]")
                            ->valid);
        });
        within_five_seconds("64 MiB: one string", [&] {
            const auto text = "\"" + repeated("x", document - 2) + "\"";
            CHECK(
                compiled_of(R"({"maxLength":70000000,"minLength":9,"type":"string"})").validate(text)->valid);
        });
        within_five_seconds("64 MiB: numbers, each visited", [&] {
            const auto text = "[" + repeated("1,", document / 2 - 2) + "1]";
            const auto got =
                compiled_of(R"({"items":{"type":"integer"}})").validate(text, schema::output::flag);
            CHECK(got.status().code() == errc::budget);
            CHECK(any.validate(text)->valid);
        });
        within_five_seconds("64 MiB: one object of 6 million members", [&] {
            std::string text = "{";
            while (text.size() < document - 32) text += "\"" + std::to_string(text.size()) + "\":0,";
            CHECK(compiled_of(R"({"minProperties":2})").validate(text + "\"z\":0}")->valid);
        });
        within_five_seconds("64 MiB and a byte", [&] {
            CHECK(any.validate(repeated(" ", document + 1)).status().code() == errc::limit);
        });
        within_five_seconds("10^5 definitions, each referred to", [&] {
            std::string text = R"({"$defs":{)";
            for (std::size_t i = 0; i < deep; ++i)
                text += "\"d" + std::to_string(i) + "\":{\"type\":\"null\"},";
            text += "\"end\":{}},\"prefixItems\":[";
            for (std::size_t i = 0; i < deep; ++i)
                text += "{\"$ref\":\"#/$defs/d" + std::to_string(i) + "\"},";
            CHECK(compiled_of(text + "true]}").validate("[null,null]")->valid);
            std::string elsewhere =
                R"({"x":[)" + repeated("{\"type\":\"null\"},", deep) + "0],\"prefixItems\":[";
            for (std::size_t i = 0; i < deep; ++i)
                elsewhere += "{\"$ref\":\"#/x/" + std::to_string(i) + "\"},";
            CHECK_FALSE(compiled_of(elsewhere + "true]}").validate("[null,1]")->valid);
        });
        within_five_seconds("required and properties of 10^5 names, all missing", [&] {
            std::string text = R"({"required":[)";
            for (std::size_t i = 0; i < deep; ++i) text += "\"r" + std::to_string(i) + "\",";
            const auto got = compiled_of(text + "\"z\"]}").validate("{\"z\":1}");
            REQUIRE_MESSAGE(got, got.status().message());
            CHECK_FALSE(got->valid);
        });
        within_five_seconds("idn names, long", [&] {
            schema::compile_options asserted;
            asserted.formats = schema::format_mode::assertion;
            const auto label = repeated("\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d", 100000);
            for (const auto* format :
                 {"idn-hostname", "idn-email", "hostname", "email", "iri", "uri-template", "regex"})
                CHECK_FALSE(compiled_of(R"({"format":")" + std::string(format) + "\"}", asserted)
                                .validate("\"" + label + "@" + label + "{\"")
                                ->valid);
        });
    });
}

TEST_CASE("budgets end long work with a clear error") {
    schema::compile_options tight;
    tight.limits.schema_steps = 1000;
    const auto got =
        compiled_of(R"({"items":{"type":"integer"}})", tight).validate("[" + repeated("1,", 2000) + "1]");
    CHECK(got.status().code() == errc::budget);
    CHECK(std::string(got.status().message()).find("schema_steps") != std::string::npos);
    tight.limits = {};
    tight.limits.schema_nodes = 10;
    CHECK(schema::compile(R"({"prefixItems":[)" + repeated("{},", 20) + "{}]}", tight).status().code() ==
          errc::limit);
}
