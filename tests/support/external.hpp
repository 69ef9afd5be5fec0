#pragma once
#include <doctest/doctest.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace qslip_test {

/// Value of an environment variable that leads to files outside the repository. Empty when it is not set;
/// then `what` is skipped, and says so on a line that ./check counts.
inline std::string external_path(const std::string& variable, const std::string& what) {
    const char* found = std::getenv(variable.c_str());
    if (found && *found) return found;
    std::printf("SKIPPED: %s because %s is not set\n", what.c_str(), variable.c_str());
    MESSAGE("SKIPPED: " << what << " because " << variable << " is not set");
    return {};
}

/// All bytes of a file the test needs.
inline std::string read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace qslip_test
