// The official JSON-Schema-Test-Suite: every required test passes; optional ones are listed one by one, and
// each we do not pass has its reason below.
#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <simdjson.h>
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
    tally& operator+=(const tally& t) {
        passed += t.passed, failed += t.failed;
        return *this;
    }
    double rate() const { return passed + failed == 0 ? 1 : passed / double(passed + failed); }
};

/// The suite's folder: the newest one beside the repository, or the copy in a release of the Python package.
std::string suite_folder() {
    return qslip_test::external_path("QSLIP_SCHEMA_SUITE", "the official JSON-Schema-Test-Suite");
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

/// Optional tests we do not pass, and why.
struct known_miss {
    const char* file;
    const char* test;
    const char* reason;
};
const known_miss known_misses[] = {
    {"", "", ""},
};
const char* reason_for(const std::string& name) {
    for (const auto& miss : known_misses)
        if (*miss.file && name.find(miss.file) != name.npos && name.find(miss.test) != name.npos)
            return miss.reason;
    return nullptr;
}

struct suite_run {
    schema::compile_options options;
    bool must_pass = true;
    std::FILE* list = nullptr;  // one line for each test

    void note(const std::string& name, bool right, const std::string& answer) const {
        const auto* reason = right ? nullptr : reason_for(name);
        if (list)
            std::fprintf(list, "%s  %s%s%s\n", right ? "pass" : "MISS", name.c_str(), right ? "" : ": ",
                         right    ? ""
                         : reason ? reason
                                  : answer.c_str());
        if (right) return;
        std::printf("%s %s: %s\n", must_pass ? "FAILED" : "optional, not passed:", name.c_str(),
                    answer.c_str());
        if (!must_pass) CHECK_MESSAGE(reason, name << " has no reason on record");
    }

    tally file(const fs::path& path) const {
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
            const auto group_name = path.parent_path().filename().string() + "/" + path.filename().string() +
                                    ": " + std::string(name);
            simdjson::ondemand::value schema_value;
            REQUIRE_FALSE(group["schema"].get(schema_value));
            const auto compiled = schema::compile(source_of(schema_value), options);
            simdjson::ondemand::array tests;
            REQUIRE_FALSE(group["tests"].get_array().get(tests));
            for (auto test : tests) {
                REQUIRE_FALSE(test["description"].get_string().get(name));
                const auto test_name = group_name + ": " + std::string(name);
                simdjson::ondemand::value data;
                REQUIRE_FALSE(test["data"].get(data));
                const auto instance = source_of(data);
                bool valid = false;
                REQUIRE_FALSE(test["valid"].get_bool().get(valid));
                const auto got =
                    compiled ? compiled->validate(instance) : result<schema::verdict>(compiled.status());
                const bool right = got && got->valid == valid && (valid || !got->errors.empty());
                ++(right ? out.passed : out.failed);
                note(test_name, right, got ? (got->valid ? "valid" : "invalid") : got.status().message());
            }
        }
        return out;
    }

    tally folder(const fs::path& path) const {
        tally out;
        std::set<fs::path> files;
        if (fs::exists(path))
            for (const auto& entry : fs::directory_iterator(path))
                if (entry.is_regular_file()) files.insert(entry.path());
        for (const auto& one : files) out += file(one);
        return out;
    }
};

void say(const std::string& what, const tally& t) {
    std::printf("RAN: JSON-Schema-Test-Suite %s: %d passed, %d not (%.1f %%)\n", what.c_str(), t.passed,
                t.failed, 100 * t.rate());
}

bool has_dialect(const std::string& folder, const std::string& name) {
    if (fs::exists(folder + "/tests/" + name)) return true;
    std::printf("SKIPPED: JSON-Schema-Test-Suite %s because this copy of the suite has no such folder\n",
                name.c_str());
    return false;
}

}  // namespace

TEST_CASE("official suite: every required test of every dialect") {
    const auto folder = suite_folder();
    if (folder.empty()) return;
    suite_run run;
    run.options.documents = remotes(folder);
    for (const auto& [name, dialect] : drafts) {
        if (!has_dialect(folder, name)) continue;
        run.options.default_dialect = dialect;
        auto t = run.folder(folder + "/tests/" + name);
        // v1 asserts formats, and its suite counts them as required.
        t += run.folder(folder + "/tests/" + name + "/format");
        t += run.folder(folder + "/tests/" + name + "/proposals/propertyDependencies");
        say(std::string(name) + " required", t);
        CHECK(t.failed == 0);
        CHECK(t.passed > 500);
    }
}

TEST_CASE("official suite: optional tests, listed one by one") {
    const auto folder = suite_folder();
    if (folder.empty()) return;
    suite_run run;
    run.options.documents = remotes(folder);
    run.must_pass = false;
    const auto list_path = std::string(std::getenv("QSLIP_BINARY_DIR")) + "/schema_optional_tests.txt";
    run.list = std::fopen(list_path.c_str(), "w");
    REQUIRE(run.list);
    tally formats, idn, regexes, others;
    for (const auto& [name, dialect] : drafts) {
        if (!has_dialect(folder, name)) continue;
        run.options.default_dialect = dialect;
        const auto home = fs::path(folder) / "tests" / name / "optional";
        for (const auto& entry : fs::recursive_directory_iterator(home)) {
            if (!entry.is_regular_file()) continue;
            const auto file = entry.path().filename().string();
            const bool format = entry.path().parent_path() != home;
            run.options.formats = format                             ? schema::format_mode::assertion
                                  : file == "format-annotation.json" ? schema::format_mode::annotation
                                                                     : schema::format_mode::by_dialect;
            run.options.assert_content = file == "content.json";
            const auto t = run.file(entry.path());
            (file.starts_with("idn-")          ? idn
             : format                          ? formats
             : file == "ecmascript-regex.json" ? regexes
                                               : others) += t;
        }
    }
    std::fclose(run.list);
    say("optional formats", formats);
    say("optional idn formats (libidn2)", idn);
    say("optional ecmascript-regex", regexes);
    say("optional others", others);
    std::printf("RAN: the optional tests one by one: %s\n", list_path.c_str());
    CHECK(formats.rate() >= 0.98);
    CHECK(regexes.rate() >= 0.95);
}
