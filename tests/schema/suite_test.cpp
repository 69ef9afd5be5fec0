// The official JSON-Schema-Test-Suite: every required test passes; optional ones are counted and failures
// named.
#include <doctest/doctest.h>
#include <simdjson.h>
#include <qslip/schema/schema.hpp>

#include <cstdio>
#include <filesystem>
#include <set>
#include <string>

#include "support/external.hpp"

namespace fs = std::filesystem;
using namespace qslip;

namespace {

const std::pair<const char*, schema::dialect> drafts[] = {{"draft4", schema::dialect::draft4},
                                                          {"draft6", schema::dialect::draft6},
                                                          {"draft7", schema::dialect::draft7},
                                                          {"draft2019-09", schema::dialect::draft2019_09},
                                                          {"draft2020-12", schema::dialect::draft2020_12},
                                                          {"v1", schema::dialect::v1}};

struct tally {
    int passed = 0, failed = 0;
};

/// The suite's folder: the shared copy; empty (and said so) when there is none.
std::string suite_folder() {
    const auto shared = qslip_test::external_path("QSLIP_SHARED", "the official JSON-Schema-Test-Suite");
    return shared.empty() ? "" : shared + "/json-schema-test-suite";
}

std::vector<schema::document> remotes(const std::string& folder) {
    std::vector<schema::document> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder + "/remotes"))
        if (entry.is_regular_file())
            out.push_back(
                {"http://localhost:1234/" + fs::relative(entry.path(), folder + "/remotes").generic_string(),
                 qslip_test::read_all(entry.path().string())});
    return out;
}

/// The value's source text: simdjson's numbers would not survive being printed.
std::string source_of(simdjson::ondemand::value v) {
    std::string_view raw;
    simdjson::ondemand::json_type type{};
    if (v.type().get(type)) return {};
    if (type == simdjson::ondemand::json_type::object) {
        simdjson::ondemand::object o;
        if (v.get_object().get(o) || o.raw_json().get(raw)) return {};
    } else if (type == simdjson::ondemand::json_type::array) {
        simdjson::ondemand::array a;
        if (v.get_array().get(a) || a.raw_json().get(raw)) return {};
    } else {
        raw = v.raw_json_token();
    }
    return std::string(raw);
}

tally run_file(const fs::path& path, const schema::compile_options& options, bool must_pass) {
    tally out;
    const auto text = qslip_test::read_all(path.string());
    const simdjson::padded_string padded(text);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document doc;
    simdjson::ondemand::array groups;
    REQUIRE_FALSE(parser.iterate(padded).get(doc));
    REQUIRE_FALSE(doc.get_array().get(groups));
    for (auto group : groups) {
        std::string_view name;
        REQUIRE_FALSE(group["description"].get_string().get(name));
        const std::string group_name(name);
        simdjson::ondemand::value schema_value;
        REQUIRE_FALSE(group["schema"].get(schema_value));
        const auto compiled = schema::compile(source_of(schema_value), options);
        simdjson::ondemand::array tests;
        REQUIRE_FALSE(group["tests"].get_array().get(tests));
        for (auto test : tests) {
            REQUIRE_FALSE(test["description"].get_string().get(name));
            const std::string test_name(name);
            simdjson::ondemand::value data;
            REQUIRE_FALSE(test["data"].get(data));
            const auto instance = source_of(data);
            bool valid = false;
            REQUIRE_FALSE(test["valid"].get_bool().get(valid));
            const auto got =
                compiled ? compiled->validate(instance) : result<schema::verdict>(compiled.status());
            const bool right = got && got->valid == valid && (valid || !got->errors.empty());
            ++(right ? out.passed : out.failed);
            const auto what = path.parent_path().filename().string() + "/" + path.filename().string() + ": " +
                              group_name + ": " + test_name + ": " +
                              (got ? (got->valid ? "valid" : "invalid") : got.status().message());
            if (!right) std::printf("%s %s\n", must_pass ? "FAILED" : "optional, not passed:", what.c_str());
        }
    }
    return out;
}

tally run_folder(const std::string& folder, const schema::compile_options& options, bool must_pass) {
    tally out;
    std::set<fs::path> files;
    if (fs::exists(folder))
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.is_regular_file()) files.insert(entry.path());
    for (const auto& file : files) {
        const auto t = run_file(file, options, must_pass);
        out.passed += t.passed;
        out.failed += t.failed;
    }
    return out;
}

void say(const std::string& what, const tally& t) {
    std::printf("RAN: JSON-Schema-Test-Suite %s: %d passed, %d not\n", what.c_str(), t.passed, t.failed);
}

}  // namespace

TEST_CASE("official suite: every required test of every dialect") {
    const auto folder = suite_folder();
    if (folder.empty()) return;
    schema::compile_options options;
    options.documents = remotes(folder);
    for (const auto& [name, dialect] : drafts) {
        options.default_dialect = dialect;
        const auto t = run_folder(folder + "/tests/" + name, options, true);
        say(std::string(name) + " required", t);
        CHECK(t.failed == 0);
        CHECK(t.passed > 500);
    }
    const auto t = run_folder(folder + "/tests/v1/proposals/propertyDependencies", options, true);
    say("v1 proposals", t);
    CHECK(t.failed == 0);
}

TEST_CASE("official suite: optional tests, counted and named") {
    const auto folder = suite_folder();
    if (folder.empty()) return;
    schema::compile_options options;
    options.documents = remotes(folder);
    std::printf("SKIPPED: the suite's format tests because format is not asserted yet\n");
    for (const auto& [name, dialect] : drafts) {
        options.default_dialect = dialect;
        say(std::string(name) + " optional",
            run_folder(folder + "/tests/" + name + "/optional", options, false));
    }
}
