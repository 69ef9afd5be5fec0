#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/files/atomic_file.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <support/temp_folder.hpp>

#include "files/input_file.hpp"
#include "files/sha256.hpp"
#include "files/sha256_blocks.hpp"

using namespace qslip;
using qslip::test::read_file;
using qslip::test::temp_folder;
using qslip::test::write_file;

namespace {

std::string message(const status& s) { return s.message(); }
std::string read_all(const input_file& f) {
    std::string out(f.size_bytes(), '\0');
    REQUIRE(f.read_at(0, std::as_writable_bytes(std::span(out))).ok());
    return out;
}

}  // namespace

TEST_CASE("a missing file names the nearest one") {
    temp_folder dir;
    write_file(dir.file("base-q8.gguf"), "x");
    write_file(dir.file("readme.txt"), "x");
    const auto f = input_file::open(dir.file("base.gguf"));
    CHECK(f.status().code() == errc::not_found);
    CHECK(message(f.status()) == dir.file("base.gguf") + ": no such file (looked in " + dir.path().string() +
                                     "). Nearest name: base-q8.gguf");
    CHECK(message(input_file::open(dir.file("qqqqqqqqqqqqqqqqqqq")).status()).find("Nearest") ==
          std::string::npos);
    CHECK(input_file::open(dir.file("no/such/folder")).status().code() == errc::not_found);
    CHECK(input_file::open("").status().code() == errc::arg);
    CHECK(input_file::open(std::string("a\0b", 3)).status().code() == errc::arg);
}

TEST_CASE("only regular files, and never a wait") {
    temp_folder dir;
    REQUIRE(::mkfifo(dir.file("pipe").c_str(), 0600) == 0);
    REQUIRE(::symlink("loop", dir.file("loop").c_str()) == 0);
    auto shortest = std::chrono::steady_clock::duration::max();  // of some tries: the machine may be busy
    for (int i = 0; i < 10; ++i) {
        const auto start = std::chrono::steady_clock::now();
        CHECK(input_file::open(dir.file("pipe")).status().code() == errc::not_regular);
        CHECK(input_file::open(dir.path().string()).status().code() == errc::not_regular);
        CHECK(input_file::open("/dev/null").status().code() == errc::not_regular);
        CHECK(input_file::open(dir.file("loop")).status().code() == errc::io);
        shortest = std::min(shortest, std::chrono::steady_clock::now() - start);
    }
    CHECK(shortest < std::chrono::milliseconds(100));
    CHECK(message(input_file::open(dir.file("a\n\x1b[31mb")).status()).find('\n') == std::string::npos);
}

TEST_CASE("reads, ends and changes") {
    temp_folder dir;
    const auto path = dir.file("f");
    write_file(path, "0123456789");
    const auto f = input_file::open(path);
    REQUIRE(f.ok());
    CHECK(read_all(*f) == "0123456789");
    CHECK(f->unchanged().ok());
    std::array<std::byte, 4> four;
    CHECK(f->read_at(6, four).ok());
    CHECK(f->read_at(7, four).code() == errc::truncated);
    CHECK(f->read_at(~0ull, four).code() == errc::truncated);
    CHECK(f->read_at(10, {}).ok());
    REQUIRE(::truncate(path.c_str(), 5) == 0);
    CHECK(f->read_at(4, four).code() == errc::changed);
    CHECK(f->unchanged().code() == errc::changed);
}

TEST_CASE("files below a folder: nothing leads out") {
    temp_folder dir;
    const auto served = dir.file("served");
    std::filesystem::create_directories(served + "/sub");
    write_file(served + "/sub/a", "inside");
    write_file(dir.file("secret"), "outside");
    std::filesystem::create_symlink(dir.file("secret"), served + "/link");
    std::filesystem::create_symlink(served + "/sub", served + "/linked");
    REQUIRE(::mkfifo((served + "/pipe").c_str(), 0600) == 0);
    const auto code = [&](std::vector<std::string> way) {
        return input_file::open_below(served, way).status().code();
    };
    const auto file = input_file::open_below(served, std::vector<std::string>{"sub", "a"});
    REQUIRE_MESSAGE(file, file.status().message());
    CHECK(read_all(*file) == "inside");
    CHECK(file->unchanged().ok());
    CHECK(file->path() == served + "/sub/a");
    for (const char* name : {"", ".", "..", "sub/a", "../secret", "/"}) {
        CHECK(code({name}) == errc::arg);
        CHECK(code({"sub", name}) == errc::arg);
        CHECK(code({name, "secret"}) == errc::arg);
    }
    CHECK(code({std::string("sub\0", 4)}) == errc::arg);
    for (const char* name : {"link", "pipe", "sub", "linked"}) CHECK(code({name}) == errc::not_regular);
    CHECK(code({"linked", "a"}) == errc::not_regular);
    CHECK(code({}) == errc::not_regular);
    CHECK(code({"none"}) == errc::not_found);
    CHECK(code({"sub", "a", "b"}) == errc::not_found);
    CHECK(input_file::open_below(dir.file("none"), std::vector<std::string>{"a"}).status().code() ==
          errc::io);
}

TEST_CASE("an atomic file appears whole or not at all") {
    temp_folder dir;
    const auto path = dir.file("out");
    write_file(path, "old");
    {
        auto f = atomic_file::create(path);
        REQUIRE(f.ok());
        CHECK(f->write("half").ok());
        CHECK(read_file(path) == "old");
    }
    CHECK(read_file(path) == "old");
    CHECK_FALSE(std::filesystem::exists(path + ".qslip-tmp"));
    std::string big(3'000'001, 'x');
    auto f = atomic_file::create(path);
    REQUIRE(f.ok());
    CHECK(f->write("head ").ok());
    CHECK(f->write(big).ok());
    CHECK(f->size_bytes() == big.size() + 5);
    CHECK(f->commit().ok());
    CHECK(read_file(path) == "head " + big);
    CHECK_FALSE(std::filesystem::exists(path + ".qslip-tmp"));
    CHECK(f->commit().code() == errc::arg);
    CHECK(f->write("x").code() == errc::arg);
}

TEST_CASE("one writer at a time; what a dead one left is taken over") {
    temp_folder dir;
    const auto path = dir.file("out");
    write_file(path + ".qslip-tmp", "left by a killed process");
    auto first = atomic_file::create(path);
    REQUIRE(first.ok());
    CHECK(atomic_file::create(path).status().code() == errc::busy);
    CHECK(first->write("new").ok());
    CHECK(first->commit().ok());
    CHECK(read_file(path) == "new");
    CHECK(atomic_file::create(path).ok());
}

TEST_CASE("places that cannot be written") {
    temp_folder dir;
    CHECK(atomic_file::create(dir.path().string()).status().code() == errc::not_regular);
    CHECK(atomic_file::create("/dev/null").status().code() == errc::not_regular);
    CHECK(atomic_file::create(dir.file("no/such")).status().code() == errc::io);
    CHECK(atomic_file::create("").status().code() == errc::arg);
    REQUIRE(::symlink("/etc/passwd", dir.file("t.qslip-tmp").c_str()) == 0);
    CHECK(atomic_file::create(dir.file("t")).status().code() == errc::io);
}

TEST_CASE("a write that fails leaves the old file and no temporary") {
    temp_folder dir;
    const auto path = dir.file("out");
    write_file(path, "old");
    const auto child = ::fork();
    if (child == 0) {  // in a process of its own: the limit and the ignored signal stay there
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &small);
        auto f = atomic_file::create(path);
        if (!f) ::_exit(10);
        status s = f->write(std::string(1'000'000, 'x'));
        if (s.ok()) s = f->commit();
        const bool named = s.code() == errc::io && message(s).find("cannot write") != std::string::npos;
        ::_exit(named && f->commit().code() == errc::io ? 0 : 11);
    }
    int how = 0;
    REQUIRE(::waitpid(child, &how, 0) == child);
    CHECK(WIFEXITED(how));
    CHECK(WEXITSTATUS(how) == 0);
    CHECK(read_file(path) == "old");
    CHECK_FALSE(std::filesystem::exists(path + ".qslip-tmp"));
}

TEST_CASE("eight writers of one path never mix") {
    temp_folder dir;
    const auto path = dir.file("out");
    for (char who = 'a'; who < 'a' + 8; ++who)
        if (::fork() == 0) {
            for (int i = 0; i < 100; ++i) {
                auto f = atomic_file::create(path);
                if (!f && f.status().code() != errc::busy) ::_exit(1);
                if (f && (!f->write(std::string(5000, who)).ok() || !f->commit().ok())) ::_exit(2);
                const auto seen = read_file(path);
                if (!seen.empty() && seen != std::string(5000, seen[0])) ::_exit(3);
            }
            ::_exit(0);
        }
    for (int i = 0, how = 0; i < 8; ++i) {
        REQUIRE(::wait(&how) > 0);
        CHECK(how == 0);
    }
    CHECK(read_file(path).size() == 5000);
}

TEST_CASE("sha256: the CPU's instructions and plain C++ agree") {
    std::vector<std::byte> bytes(64 * 17);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(mix64(i));
    for (std::size_t n = 0; n <= 17; ++n) {
        std::uint32_t plain[8] = {1, 2, 3, 4, 5, 6, 7, 8}, fast[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        sha256_blocks_plain(plain, bytes.data(), n);
        fastest_sha256_blocks()(fast, bytes.data(), n);
        CHECK(std::equal(plain, plain + 8, fast));
    }
    if (fastest_sha256_blocks() == sha256_blocks_plain)
        std::puts("SKIPPED: SHA-256 by the CPU's instructions because this CPU has none");
}

TEST_CASE("sha256: the NIST examples, any split") {
    const auto hash = [](std::string_view text) {
        sha256 h;
        h.update(text);
        return h.hex();
    };
    CHECK(hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(hash("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
               "qrsmnopq"
               "rstnopqrstu") == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    CHECK(hash(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    const std::string text(300, 'q');
    for (std::size_t n = 0; n < text.size(); ++n) {
        sha256 h;
        h.update(std::string_view(text).substr(0, n));
        CHECK(h.hex() == hash(std::string_view(text).substr(0, n)));
        h.update(std::string_view(text).substr(n));
        CHECK(h.hex() == hash(text));
    }
}

TEST_CASE("sha256 of a file") {
    temp_folder dir;
    write_file(dir.file("f"), std::string(1'000'000, 'a') + std::string(2'000'000, 'b'));
    const auto f = input_file::open(dir.file("f"));
    REQUIRE(f.ok());
    sha256 h;
    h.update(std::string(1'000'000, 'a'));
    h.update(std::string(2'000'000, 'b'));
    const auto found = sha256_hex_of_file(*f);
    REQUIRE(found.ok());
    CHECK(*found == h.hex());
}
