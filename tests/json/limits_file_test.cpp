#include <qslip/limits.hpp>

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"

using namespace qslip;

namespace {

status read(const std::string& json, limits& changed) {
    const test::temp_folder folder;
    test::write_file(folder.file("limits.json"), json);
    return read_limits(folder.file("limits.json"), changed);
}

std::string message_of(const std::string& json) {
    limits changed;
    return read(json, changed).message();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("a limits file changes the fields it names and no other") {
    limits changed;
    REQUIRE(read(R"({"model_bytes": 1000, "json_depth": 7})", changed).ok());
    CHECK(changed.model_bytes == 1000);
    CHECK(changed.json_depth == 7);
    CHECK(changed.text_bytes == limits{}.text_bytes);
}

TEST_CASE("an unknown limit, a value that is no whole number and a file that is none are named") {
    CHECK(has(message_of(R"({"model_byte": 1})"),
              "no limit is called \"model_byte\"; did you mean model_bytes?"));
    CHECK(has(message_of(R"({"model_bytes": -1})"), "\"model_bytes\""));
    CHECK(has(message_of("[]"), "limits.json"));
    limits changed;
    CHECK(read_limits("/nowhere/limits.json", changed).code() == errc::not_found);
}
