// The stairs of the house go one way: a room includes only the rooms below it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;
using rooms = std::set<std::string>;

static const std::map<std::string, rooms> may_include = {
    {"core", {}},
    {"io", {"core"}},
    {"kernels", {"core", "metrics/sweep-inl.h"}},  // the one sweep is compiled again for each ISA
    {"model", {"core", "io", "kernels"}},
    {"calib", {"core", "io", "kernels", "model"}},
    {"stats", {"core"}},
    {"metrics", {"core", "stats"}},
    {"schema", {"core", "io"}},
    {"slices", {"core", "io", "metrics", "stats"}},
    {"eval", {"core", "io", "kernels", "model", "calib", "stats", "metrics", "schema", "slices"}},
    {"report", {"core", "io", "kernels", "model", "calib", "stats", "metrics", "schema", "slices", "eval"}},
};

static bool allowed(const std::string& room, const std::string& target) {
    const auto& below = may_include.at(room);
    const auto target_room = target.substr(0, target.find('/'));
    return target_room == room || below.contains(target_room) || below.contains(target);
}

static int check_room(const fs::path& folder, const std::string& room) {
    static const std::regex include_line(R"re(^\s*#\s*include\s*[<"](?:qslip/)?(\w+/[\w./-]+)[>"])re");
    int n_includes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
            std::smatch match;
            if (!std::regex_search(line, match, include_line)) continue;
            const auto target = match[1].str();
            if (!may_include.contains(target.substr(0, target.find('/')))) continue;
            ++n_includes;
            INFO(entry.path().string() << " includes " << target);
            CHECK(allowed(room, target));
        }
    }
    return n_includes;
}

TEST_CASE("no room includes upwards or sideways") {
    const char* root = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(root != nullptr);
    int n_includes = 0;
    for (const auto& [room, below] : may_include)
        for (const char* side : {"include/qslip", "src"})
            if (const auto folder = fs::path(root) / side / room; fs::exists(folder))
                n_includes += check_room(folder, room);
    CHECK(n_includes > 3);
    CHECK_FALSE(allowed("core", "io/gguf.hpp"));
    CHECK_FALSE(allowed("metrics", "model/forward.hpp"));
}
