// qslip.h beside what is written by hand: core/status.inc, the bodies, the bindings. What is generated from
// it is checked by generate.py.
#include <qslip/detail/core/version.hpp>
#include <qslip/errors.hpp>

#include <doctest/doctest.h>
#include <qslip.h>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "capi_support.hpp"

using codes = std::map<std::string, int>;

static std::string c_name(std::string name) {
    for (char& c : name)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return name == "OK" ? "QSLIP_OK" : "QSLIP_E_" + name;
}

static codes library_codes() {
    codes all;
#define QSLIP_STATUS(name, value, text) all[c_name(#name)] = value;
#include <qslip/detail/core/status.inc>
#undef QSLIP_STATUS
    return all;
}

static codes codes_in(const std::string& text, const std::string& pattern) {
    codes found;
    const std::regex line(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it)
        found[(*it)[1]] = std::stoi((*it)[2]);
    return found;
}

TEST_CASE("qslip.h lists the statuses of the library") {
    const auto expected = library_codes();
    CHECK(codes_in(capi_test::source_file("capi/include/qslip.h"), R"((QSLIP_OK|QSLIP_E_\w+) = (\d+))") ==
          expected);
    for (const auto& [name, value] : expected) CHECK(c_name(qslip_status_name(value)) == name);
    CHECK(std::string(qslip_status_name(7)) == "unknown");
    CHECK(std::string(qslip_status_name(-1)) == "unknown");
}

/// What the name of the shared library ends in: until 1.0 each minor version has its own.
static std::string library_version(int major, int minor) {
    return major > 0 ? std::to_string(major) : "0." + std::to_string(minor);
}

TEST_CASE("versions agree") {
    CHECK(qslip_abi_version() == QSLIP_ABI_VERSION);
    CHECK(std::string(qslip_version_string()) == QSLIP_VERSION_STRING);
    const std::string version = QSLIP_VERSION_STRING;
    CHECK(capi_test::source_file("CMakeLists.txt").find("VERSION " + version) != std::string::npos);
    for (const char* manifest :
         {"capi/rust/qslip-sys/Cargo.toml", "capi/rust/qslip/Cargo.toml", "capi/python/pyproject.toml"})
        CHECK(capi_test::source_file(manifest).find("version = \"" + version + "\"") != std::string::npos);
    CHECK(capi_test::source_file("capi/python/qslip/__init__.py").find("__version__ = \"" + version + "\"") !=
          std::string::npos);
    const auto soname =
        std::string("libqslip.so.") + library_version(QSLIP_VERSION_MAJOR, QSLIP_VERSION_MINOR);
    CHECK(capi_test::source_file("capi/python/qslip/binding.py").find('"' + soname + '"') !=
          std::string::npos);
}

static std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    std::set<std::string> found;
    const std::regex line(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it)
        found.insert((*it)[1]);
    return found;
}

/// All sources of a folder in one text.
static std::string sources_of(const std::string& folder) {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(capi_test::source_path(folder)))
        if (entry.is_regular_file() && entry.path().filename() != "abi.py")
            text += capi_test::source_file(folder + "/" + entry.path().filename().string());
    return text;
}

TEST_CASE("every function that can fail is one guarded expression") {
    const auto header = capi_test::source_file("capi/include/qslip.h");
    const auto can_fail = matches(header, R"(QSLIP_API qslip_status (qslip_\w+)\()");
    CHECK(can_fail.size() >= 22);
    CHECK(can_fail == matches(sources_of("capi/src"),
                              R"(qslip_status (qslip_\w+)\([^{;]*\) \{\n    return guard\(err, )"));
    // The rest returns constants.
    CHECK(matches(header, R"(QSLIP_API [\w* ]+?(qslip_\w+)\()").size() == can_fail.size() + 3);
}

TEST_CASE("every binding offers every function") {
    const auto declared =
        matches(capi_test::source_file("capi/include/qslip.h"), R"(QSLIP_API [\w* ]+?(qslip_\w+)\()");
    for (const char* folder : {"capi/rust/qslip/src", "capi/go", "capi/python/qslip"}) {
        const auto used = matches(sources_of(folder), R"(\b(qslip_\w+))");
        for (const auto& name : declared) CHECK_MESSAGE(used.count(name) == 1, folder, " lacks ", name);
    }
}
