// The lists that exist twice are the same list: qslip.h, the bindings and core/status.inc; and every
// entry goes through the guard.
#include <qslip/detail/core/version.hpp>
#include <qslip/errors.hpp>

#include <doctest/doctest.h>
#include <map>
#include <qslip.h>
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

TEST_CASE("qslip.h and the Rust binding list the statuses of the library") {
    const auto expected = library_codes();
    CHECK(codes_in(capi_test::source_file("capi/include/qslip.h"), R"((QSLIP_OK|QSLIP_E_\w+) = (\d+))") ==
          expected);
    CHECK(codes_in(capi_test::source_file("capi/rust/qslip-sys/src/lib.rs"),
                   R"(const (QSLIP_OK|QSLIP_E_\w+): qslip_status = (\d+);)") == expected);
    for (const auto& [name, value] : expected) CHECK(c_name(qslip_status_name(value)) == name);
    CHECK(std::string(qslip_status_name(7)) == "unknown");
    CHECK(std::string(qslip_status_name(-1)) == "unknown");
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
}

static std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    std::set<std::string> found;
    const std::regex line(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it)
        found.insert((*it)[1]);
    return found;
}

TEST_CASE("every function that can fail is one guarded expression") {
    const auto header = capi_test::source_file("capi/include/qslip.h");
    const auto declared = matches(header, R"(QSLIP_API qslip_status (qslip_\w+)\()");
    std::string bodies;
    for (const char* file : {"capi/src/capi_model.cpp", "capi/src/capi_kl.cpp", "capi/src/capi_schema.cpp"})
        bodies += capi_test::source_file(file);
    CHECK(declared == matches(bodies, R"(qslip_status (qslip_\w+)\([^{;]*\) \{\n    return guard\(err, )"));
    CHECK(declared.size() >= 22);
    // The rest returns constants.
    const auto all = matches(header, R"(QSLIP_API [\w* ]+?(qslip_\w+)\()");
    CHECK(all.size() == declared.size() + 3);
    // Python and Rust know every one of them.
    const auto python = capi_test::source_file("capi/python/qslip/binding.py");
    const auto rust = capi_test::source_file("capi/rust/qslip-sys/src/lib.rs");
    for (const auto& name : all) {
        INFO(name);
        CHECK(python.find(name) != std::string::npos);
        CHECK(rust.find("fn " + name + "(") != std::string::npos);
        CHECK((capi_test::source_file("capi/go/qslip.go") + capi_test::source_file("capi/go/model.go") +
               capi_test::source_file("capi/go/kl.go") + capi_test::source_file("capi/go/schema.go"))
                  .find("C." + name + "(") != std::string::npos);
    }
}
