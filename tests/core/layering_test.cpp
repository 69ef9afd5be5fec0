// The stairs of the house go one way: a room includes only the rooms below it.
#include <doctest/doctest.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;
using rooms = std::set<std::string>;

/// What a room's files may include beside their own room. "detail" are the bodies of header-only parts.
static const std::map<std::string, rooms> may_include = {
    {"core", {}},
    {"files", {"core"}},
    {"json", {"core", "files"}},
    {"formats", {"core", "files"}},
    {"text", {"core", "files", "json", "formats"}},
    // The one sweep is compiled again for each ISA, and the library's build of compare_position() is here.
    {"kernels", {"core", "metrics/sweep-inl.h", "metrics/compare_position.hpp"}},
    {"model", {"core", "files", "formats", "text", "kernels"}},
    {"calib", {"core", "files", "formats", "kernels", "model"}},
    {"stats", {"core"}},
    {"metrics", {"core", "stats"}},
    {"schema", {"core", "files", "json", "text"}},
    {"gates", {"core", "files", "json", "metrics", "stats"}},
    {"eval",
     {"core", "files", "json", "formats", "text", "kernels", "model", "calib", "stats", "metrics", "schema",
      "gates"}},
    {"report", {"core", "files", "json", "metrics", "stats", "gates", "eval"}},
    {"bench", {"public", "core", "kernels"}},
    {"tool", {"public"}},
    {"capi", {"public"}},
};

/// The room that each public header belongs to.
static const std::map<std::string, std::string> room_of_header = {
    {"errors", "core"},   {"limits", "core"},    {"tokenizer", "text"}, {"model", "model"},
    {"decoder", "model"}, {"quantize", "calib"}, {"schema", "schema"},  {"metrics", "metrics"},
    {"stats", "stats"},   {"gates", "gates"},    {"registry", "gates"}, {"suite", "eval"},
    {"plan", "eval"},     {"compare", "eval"},   {"baseline", "eval"},  {"result", "eval"},
    {"report", "report"}, {"settings", "eval"}};

/// "room/file" of an include; "" for headers of others.
static std::string target_of(const std::string& line) {
    static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])(qslip/)?(detail/)?([\w./-]+)[>"])re");
    std::smatch match;
    if (!std::regex_search(line, match, pattern)) return "";
    const bool is_public = match[2].matched, is_detail = match[3].matched;
    const auto path = match[4].str();
    if (is_detail || (!is_public && match[1].str() == "\"")) return path;
    const auto header = room_of_header.find(path.substr(0, path.rfind('.')));
    return is_public && header != room_of_header.end() ? header->second + "/" + path : "";
}

static bool is_public(const std::string& line) { return line.find("<qslip/") != std::string::npos; }

static bool allowed(const std::string& room, const std::string& target, bool is_public) {
    const auto& below = may_include.at(room);
    const auto target_room = target.substr(0, target.find('/'));
    return target_room == room || below.contains(target_room) || below.contains(target) ||
           (is_public && below.contains("public"));
}

static int check_file(const fs::path& path, const std::string& room) {
    int n_includes = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const auto target = target_of(line);
        if (!may_include.contains(target.substr(0, target.find('/')))) continue;
        ++n_includes;
        INFO(path.string() << " includes " << target);
        CHECK(allowed(room, target, is_public(line)));
    }
    return n_includes;
}

static int check_room(const fs::path& folder, const std::string& room) {
    int n_includes = 0;
    if (!fs::exists(folder)) return 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) n_includes += check_file(entry.path(), room);
    return n_includes;
}

TEST_CASE("no room includes upwards or sideways") {
    const char* root = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(root != nullptr);
    int n_includes = 0;
    for (const auto& [room, below] : may_include)
        for (const char* side : {"include/qslip/detail", "src"})
            n_includes += check_room(fs::path(root) / side / room, room);
    n_includes += check_room(fs::path(root) / "capi/src", "capi");
    for (const auto& [header, room] : room_of_header)
        n_includes += check_file(fs::path(root) / "include/qslip" / (header + ".hpp"), room);
    CHECK(n_includes > 300);
    CHECK_FALSE(allowed("core", "formats/gguf.hpp", false));
    CHECK_FALSE(allowed("metrics", "model/model.hpp", true));
    CHECK_FALSE(allowed("capi", "eval/workload.hpp", false));
    CHECK(target_of("#include <qslip/model.hpp>") == "model/model.hpp");
}

TEST_CASE("each public header is in a room") {
    const char* root = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(root != nullptr);
    for (const auto& entry : fs::directory_iterator(fs::path(root) / "include/qslip")) {
        const auto name = entry.path().stem().string();
        INFO(name);
        CHECK((name == "qslip" || name == "detail" || room_of_header.contains(name)));
    }
}

TEST_CASE("each room stands in ARCHITECTURE.md") {
    const char* root = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(root != nullptr);
    std::ifstream file(fs::path(root) / "ARCHITECTURE.md");
    const std::string map{std::istreambuf_iterator<char>(file), {}};
    for (const auto& entry : may_include) {
        const auto& room = entry.first;
        INFO(room);
        CHECK(map.find("`" + room + "`") != std::string::npos);
    }
}
