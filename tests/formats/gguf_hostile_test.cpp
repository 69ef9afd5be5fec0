// Damaged GGUF files: nothing may crash, hang or take memory beyond the file, whatever the bytes.
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <support/allocation_count.hpp>
#include <support/gguf_bytes.hpp>
#include <support/temp_folder.hpp>

#include "formats/gguf.hpp"

using namespace qslip;
using namespace qslip::test;

namespace {

/// Opens `bytes` as a file and reads all it offers through every door.
status probe(const std::string& path, const std::string& bytes) {
    write_file(path, bytes);
    reset_allocations();
    const auto f = gguf_file::open(path);
    CHECK(allocations().peak_bytes < (4u << 20));  // the file has some hundred bytes
    if (!f) {
        CHECK(f.status().message()[0] != '\0');
        return f.status();
    }
    for (std::size_t i = 0; i < f->n_keys(); ++i) {
        const auto key = f->entry(i).key;
        (void)f->get_uint(key).ok();
        (void)f->get_f32(key).ok();
        (void)f->get_bool(key).ok();
        (void)f->get_string(key).ok();
        if (const auto list = f->get_string_array(key))
            for (std::size_t j = 0; j < list->size(); ++j) (void)std::string((*list)[j]);
        (void)f->get_f32_array(key).ok();
        (void)f->get_i32_array(key).ok();
        (void)f->get_bool_array(key).ok();
    }
    for (const auto& t : f->tensors()) {
        std::vector<std::byte> tensor(t.size_bytes);
        CHECK(f->read_tensor(t, tensor).ok());
    }
    return {};
}

}  // namespace

TEST_CASE("gguf: cut at every byte is refused") {
    temp_folder dir;
    const auto whole = small_gguf().bytes();
    CHECK(probe(dir.file("m"), whole).ok());
    for (std::size_t n = 0; n < whole.size(); ++n) {
        INFO(n);
        const auto s = probe(dir.file("m"), whole.substr(0, n));
        CHECK(s.code() == errc::truncated);
    }
}

TEST_CASE("gguf: every header byte set to 0, 255, one more, one less") {
    temp_folder dir;
    const auto whole = small_gguf().bytes();
    for (std::size_t at = 0; at < small_gguf().header().size(); ++at)
        for (const int kind : {0, 1, 2, 3}) {
            auto bytes = whole;
            const auto old = static_cast<unsigned char>(bytes[at]);
            bytes[at] = static_cast<char>(kind == 0 ? 0 : kind == 1 ? 255 : kind == 2 ? old + 1 : old - 1);
            INFO(at << " kind " << kind);
            (void)probe(dir.file("m"), bytes).ok();
        }
}

TEST_CASE("gguf: random damage") {
    temp_folder dir;
    const auto whole = small_gguf().bytes();
    const auto header = small_gguf().header().size();
    const counter_rng rng(20261123);
    std::uint64_t draw = 0;
    for (int round = 0; round < 3000; ++round) {
        auto bytes = whole;
        for (std::uint64_t n = 1 + rng.index_at(draw++, 4); n > 0; --n) {
            const auto at = rng.index_at(draw++, header);
            bytes[at] = static_cast<char>(rng.index_at(draw++, 256));
        }
        INFO(round);
        (void)probe(dir.file("m"), bytes).ok();
    }
}

TEST_CASE("gguf: memory at open follows the header, not the file or its claims") {
    temp_folder dir;
    gguf_bytes g;
    std::string tokens;
    for (int i = 0; i < 200'000; ++i) tokens += gguf_string(std::to_string(i));
    g.key_array("tokens", 8, 200'000, tokens);
    for (int i = 0; i < 20'000; ++i)
        g.tensor(std::to_string(i) + ".weight", {32}, 8, static_cast<std::uint64_t>(i) * 64);
    const auto header = g.header().size();
    write_file(dir.file("m"), g.bytes());
    REQUIRE(::truncate(dir.file("m").c_str(), std::int64_t{1} << 40) == 0);  // holes: 1 TiB
    reset_allocations();
    const auto f = gguf_file::open(dir.file("m"));
    REQUIRE_MESSAGE(f.ok(), f.status().message());
    CHECK(allocations().peak_bytes < (64u << 20) + 3 * header);
    CHECK(allocations().largest_bytes < 4 * header);
    struct stat info {};
    REQUIRE(::stat(dir.file("m").c_str(), &info) == 0);
    CHECK(info.st_blocks * 512 < std::int64_t{64} << 20);
}

TEST_CASE("gguf: a file cut while in use is an error, not a signal") {
    temp_folder dir;
    write_file(dir.file("m"), small_gguf().bytes());
    const auto f = gguf_file::open(dir.file("m"));
    REQUIRE(f.ok());
    REQUIRE(::truncate(dir.file("m").c_str(), 100) == 0);
    std::vector<std::byte> bytes(f->tensors()[2].size_bytes);
    CHECK(f->read_tensor(f->tensors()[2], bytes).code() == errc::changed);
    CHECK(f->file().unchanged().code() == errc::changed);
}
