// Every keyword with a value of every kind, in every dialect.
#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <string>

#include "schema/keyword.hpp"

using namespace qslip;

TEST_CASE("every keyword with a value of every kind: an answer or a named error") {
    std::size_t n_refused = 0;
    for (const auto& word : schema::keyword_table)
        for (const std::string value : {"null",
                                        "true",
                                        "0",
                                        "7",
                                        "-1",
                                        "1.5",
                                        "1e400",
                                        "123456789012345678901",
                                        R"("")",
                                        R"("#")",
                                        R"("#a")",
                                        R"("x")",
                                        "[]",
                                        "[1]",
                                        R"(["a"])",
                                        "[{}]",
                                        "[[]]",
                                        "{}",
                                        R"({"a":1})",
                                        R"({"a":"b"})",
                                        R"({"a":[1]})",
                                        R"({"a":{}})",
                                        R"({"a":{"b":1}})"})
            for (int d = 0; d < 6; ++d)
                for (const auto formats : {schema::format_mode::annotation, schema::format_mode::assertion}) {
                    INFO(word.name << " " << value << " " << d);
                    schema::compile_options options;
                    options.default_dialect = static_cast<schema::dialect>(d);
                    options.formats = formats;
                    options.assert_content = formats == schema::format_mode::assertion;
                    const auto text = R"({")" + std::string(word.name) + R"(":)" + value + "}";
                    const auto compiled = schema::compile(text, options);
                    n_refused += compiled ? 0u : 1u;
                    if (!compiled) CHECK(compiled.status().message()[0] != '\0');
                    if (!compiled) continue;
                    for (const char* instance : {"0", R"("a")", "[1]", R"({"a":1})"})
                        (void)compiled->validate(instance, schema::output::detailed);
                    (void)schema::complexity_of(*compiled);
                }
    CHECK(n_refused > 3000);
}
