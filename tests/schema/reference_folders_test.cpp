#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <filesystem>

#include "support/temp_folder.hpp"

using namespace qslip;

namespace fs = std::filesystem;

TEST_CASE("references below a URI are files of its folder, the longest URI first") {
    const test::temp_folder files;
    fs::create_directory(files.path() / "outer");
    fs::create_directory(files.path() / "inner");
    test::write_file(files.file("outer/a b.json"), "1");
    test::write_file(files.file("inner/a.json"), "2");
    schema::reference_folders folders{limits{}};
    REQUIRE(folders.allow("https://example.org/s", files.file("outer")).ok());
    REQUIRE(folders.allow("https://example.org/s/inner/", files.file("inner")).ok());
    CHECK(folders.load("https://example.org/s/a%20b.json") == "1");
    CHECK(folders.load("https://example.org/s/inner/a.json") == "2");
    CHECK(folders.why().empty());
}

TEST_CASE("nothing outside the folder is read, and why is told") {
    const test::temp_folder files;
    fs::create_directory(files.path() / "open");
    test::write_file(files.file("secret.json"), "1");
    fs::create_symlink(files.file("secret.json"), files.path() / "open" / "link.json");
    schema::reference_folders folders{limits{}};
    CHECK_FALSE(folders.load("https://example.org/s/a.json"));
    CHECK(folders.why() == "no folder is given for references");
    REQUIRE(folders.allow("https://example.org/s", files.file("open")).ok());
    for (const char* way :
         {"s/../secret.json", "s/%2e%2e/secret.json", "s/link.json", "s/none.json", "t/a.json"}) {
        INFO(way);
        CHECK_FALSE(folders.load(std::string("https://example.org/") + way));
        CHECK_FALSE(folders.why().empty());
    }
}

TEST_CASE("a folder needs an absolute URI and a name") {
    schema::reference_folders folders{limits{}};
    CHECK(folders.allow("schemas", "folder").code() == errc::arg);
    CHECK(folders.allow("https://example.org", "").code() == errc::arg);
}
