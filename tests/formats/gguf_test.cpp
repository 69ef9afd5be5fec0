#include <doctest/doctest.h>
#include <cstdlib>
#include <iostream>
#include <support/gguf_bytes.hpp>
#include <support/temp_folder.hpp>

#include "formats/gguf.hpp"

using namespace qslip;
using namespace qslip::test;

namespace {

struct opened {
    temp_folder dir;
    result<gguf_file> file;
    explicit opened(const std::string& bytes, const limits& limits = {}) : file(open(bytes, limits)) {}
    result<gguf_file> open(const std::string& bytes, const limits& limits) {
        write_file(dir.file("m.gguf"), bytes);
        return gguf_file::open(dir.file("m.gguf"), limits);
    }
    std::string message() const { return file.status().message(); }
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("gguf: an untouched file, versions 2 and 3") {
    for (const std::uint32_t version : {2u, 3u}) {
        auto g = small_gguf();
        g.version = version;
        const opened o(g.bytes());
        REQUIRE_MESSAGE(o.file.ok(), o.message());
        CHECK(o.file->version() == version);
        CHECK(o.file->n_keys() == 8);
        CHECK(o.file->alignment() == 32);
        CHECK(o.file->data_offset() % 32 == 0);
        CHECK(o.file->get_string("general.architecture").value() == "llama");
        CHECK(o.file->get_uint("llama.block_count").value() == 2);
        CHECK(o.file->get_f32("rms").value() == double{1e-5f});
        CHECK(o.file->get_bool("flag").value());
        const auto tokens = o.file->get_string_array("tokens").value();
        REQUIRE(tokens.size() == 3);
        CHECK(tokens[0] == "a");
        CHECK(tokens[1].empty());
        CHECK(tokens[2] == "ccc");
        CHECK(o.file->get_f32_array("scores").value() == std::vector<float>{0.5f, -1.0f});
        CHECK(o.file->get_i32_array("types").value() == std::vector<std::int32_t>{7, -8});
    }
}

TEST_CASE("gguf: tensors, by order and by name") {
    const opened o(small_gguf().bytes());
    REQUIRE(o.file.ok());
    REQUIRE(o.file->tensors().size() == 3);
    CHECK(o.file->tensors()[1].name == "w.weight");
    CHECK(o.file->find_tensor("nothing") == nullptr);
    const auto* w = o.file->find_tensor("w.weight");
    REQUIRE(w != nullptr);
    CHECK(w->type == dtype::q8_0);
    CHECK(w->size_bytes == 68);
    CHECK(w->n_elements == 64);
    CHECK(w->row_length() == 32);
    CHECK(w->n_rows() == 2);
    CHECK(w->offset == o.file->data_offset() + 32);
    std::vector<std::byte> bytes(68);
    REQUIRE(o.file->read_tensor(*w, bytes).ok());
    CHECK(bytes[1] == std::byte{0x3C});
    CHECK(bytes[5] == std::byte{3});
    bytes.resize(67);
    CHECK(o.file->read_tensor(*w, bytes).code() == errc::arg);
}

TEST_CASE("gguf: moved files keep their views") {
    opened o(small_gguf().bytes());
    REQUIRE(o.file.ok());
    const auto before = o.file->get_string("general.architecture").value();
    const gguf_file moved = *std::move(o.file);
    CHECK(moved.get_string("general.architecture").value().data() == before.data());
    CHECK(moved.entry(0).key == "general.architecture");
}

TEST_CASE("gguf: a wrong type names key, found and expected") {
    auto g = small_gguf();
    g.key_array("big", 4, 1, le(0x80000000u)).key_array("flags", 7, 2, std::string("\x01\0", 2));
    const opened o(g.bytes());
    REQUIRE(o.file.ok());
    const auto& f = *o.file;
    CHECK(has(f.get_uint("rms").status().message(), "key \"rms\" is f32, expected an integer"));
    CHECK(f.get_uint("rms").status().code() == errc::type);
    CHECK(has(f.get_string("tokens").status().message(), "is an array of string, expected string"));
    CHECK(has(f.get_string_array("scores").status().message(),
              "is an array of f32, expected an array of string"));
    CHECK(has(f.get_f32_array("rms").status().message(), "is f32, expected an array of f32"));
    CHECK(has(f.get_i32_array("tokens").status().message(), "expected an array of integers"));
    CHECK(has(f.get_bool("llama.block_count").status().message(), "is u32, expected boolean"));
    CHECK(f.get_bool_array("flags").value() == std::vector<bool>{true, false});
    CHECK(f.get_uint("missing").status().code() == errc::not_found);
    CHECK(has(f.get_uint("missing").status().message(), "m.gguf: key \"missing\" is missing"));
    CHECK(has(f.get_uint("signed").status().message(), "is -3, must not be negative"));
    CHECK(f.get_i32_array("big").status().code() == errc::arg);
}

TEST_CASE("gguf: harmless changes load") {
    auto g = small_gguf();
    g.key_u32("general.alignment", 64).alignment = 64;
    g.tensors.clear();
    g.tensor("odd \x1b\" name", {4}, 0, 0).tensor("w.weight", {32, 2}, 8, 64).tensor("scalar", {}, 0, 192);
    g.data.resize(256, '\xEE');
    g.data += "trailing";
    const opened o(g.bytes());
    REQUIRE_MESSAGE(o.file.ok(), o.message());
    CHECK(o.file->alignment() == 64);
    CHECK(o.file->find_tensor("scalar")->dims == std::vector<std::uint64_t>{1});
    CHECK(opened(gguf_bytes().bytes()).file.ok());  // nothing in it
    CHECK(opened(gguf_bytes().header()).file.ok());
}

TEST_CASE("gguf: not a GGUF file") {
    auto g = small_gguf();
    g.magic = "GGML";
    CHECK(has(opened(g.bytes()).message(), "starts with \"GGML\", not with \"GGUF\""));
    CHECK(opened("").file.status().code() == errc::truncated);
    CHECK(opened("GG").file.status().code() == errc::truncated);
    const std::string stub = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    const opened lfs(stub);
    CHECK(lfs.file.status().code() == errc::format);
    CHECK(has(lfs.message(), "m.gguf: " + std::to_string(stub.size()) +
                                 " bytes, starts with \"version https://git-lfs\": a pointer, not the model. "
                                 "Fetch it with git lfs pull"));
    for (const std::uint32_t version : {0u, 1u, 4u, 0x03000000u}) {
        g = small_gguf();
        g.version = version;
        CHECK(opened(g.bytes()).file.status().code() == errc::unsupported);
    }
    CHECK(has(opened(g.bytes()).message(), "big-endian"));
}

TEST_CASE("gguf: a safetensors file is named as one, with what makes a GGUF file of it") {
    const std::string header = R"({"w":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})";
    const std::string size = {static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
    const opened o(size + header + "ab");
    CHECK(o.file.status().code() == errc::unsupported);
    CHECK(has(o.message(), "m.gguf: a safetensors file"));
    CHECK(has(o.message(), "convert_hf_to_gguf.py"));
}

TEST_CASE("gguf: counts and lengths are compared with the file before memory is taken") {
    const std::uint64_t huge[] = {1000, 1ull << 32, (1ull << 61) + 1, 1ull << 63, ~0ull};
    for (const auto n : huge) {
        INFO(n);
        auto keys = small_gguf();
        keys.n_keys = n;
        CHECK(has(opened(keys.bytes()).message(), "keys announced"));
        auto tensors = small_gguf();
        tensors.n_tensors = n;
        CHECK(has(opened(tensors.bytes()).message(), "tensors announced"));
        auto array = small_gguf();
        array.key_array("a\nb", 6, n, "1234");
        CHECK(has(opened(array.bytes()).message(), "key \"a\\x0ab\" has"));
        CHECK(opened(array.bytes()).file.status().code() == errc::truncated);
        auto text = small_gguf();
        text.key("t", 8, le(n) + "abc");
        CHECK(opened(text.bytes()).file.status().code() == errc::truncated);
        CHECK(has(opened(text.bytes()).message(), "(key \"t\")"));
        auto name = small_gguf();
        name.keys.push_back(le(n) + "abc");
        CHECK(opened(name.bytes()).file.status().code() == errc::truncated);
    }
    const opened o(small_gguf().bytes().substr(0, 60));
    CHECK(has(o.message(), "file has 60"));
    CHECK(has(o.message(), "GGUF header, byte"));
    CHECK(has(o.message(), "download again"));
}

TEST_CASE("gguf: limits") {
    const auto refused = [](auto field, std::uint64_t value) {
        qslip::limits limits;
        limits.*field = value;
        const opened o(small_gguf().bytes(), limits);
        return o.file.status().code() == errc::limit;
    };
    CHECK(refused(&limits::gguf_header_bytes, 100));
    CHECK(refused(&limits::gguf_keys, 7));
    CHECK_FALSE(refused(&limits::gguf_keys, 8));
    CHECK(refused(&limits::gguf_tensors, 2));
    CHECK(refused(&limits::key_bytes, 5));
    CHECK(refused(&limits::string_bytes, 4));
    CHECK(refused(&limits::array_elements, 2));
    CHECK_FALSE(refused(&limits::array_elements, 3));
}

TEST_CASE("gguf: contradictory metadata") {
    const auto fails = [](gguf_bytes g, errc code, std::string_view part) {
        const opened o(g.bytes());
        INFO(o.message());
        CHECK(o.file.status().code() == code);
        CHECK(has(o.message(), part));
    };
    fails(small_gguf().key_u32("flag", 1), errc::format, "key \"flag\" occurs twice");
    fails(small_gguf().key_u32("", 1), errc::format, "key 8 is empty");
    fails(small_gguf().key("k", 13, "x"), errc::format, "key \"k\" has the unknown type 13");
    fails(small_gguf().key("k", 7, "\x02"), errc::format, "key \"k\" holds a bool of value 2");
    fails(small_gguf().key_array("k", 9, 0, ""), errc::unsupported, "key \"k\" is an array of arrays");
    fails(small_gguf().key_array("k", 77, 0, ""), errc::format, "unknown type 77");
    fails(small_gguf().key_u32("general.alignment", 0), errc::format, "is 0, not a power of two");
    fails(small_gguf().key_u32("general.alignment", 48), errc::format, "is 48, not a power of two");
    fails(small_gguf().key_string("general.alignment", "32"), errc::type, "expected an integer");
    fails(small_gguf().key("general.alignment", 10, le(1ull << 63)), errc::format, "not a power of two");
}

TEST_CASE("gguf: contradictory tensors") {
    const auto fails = [](gguf_bytes g, errc code, std::string_view part) {
        const opened o(g.bytes());
        INFO(o.message());
        CHECK(o.file.status().code() == code);
        CHECK(has(o.message(), part));
    };
    const auto with = [](const std::vector<std::uint64_t>& dims, std::uint32_t type, std::uint64_t offset) {
        return small_gguf().tensor("x", dims, type, offset);
    };
    fails(small_gguf().tensor("w.weight", {4}, 0, 160), errc::format, "tensor \"w.weight\" occurs twice");
    fails(small_gguf().tensor("", {4}, 0, 160), errc::format, "tensor 3 has no name");
    fails(with({1, 1, 1, 1, 1}, 0, 160), errc::format, "has 5 dimensions, at most 4");
    fails(with({0}, 0, 160), errc::format, "has dimension 0 = 0");
    fails(with({4, 0}, 0, 160), errc::format, "has dimension 1 = 0");
    fails(with({33}, 8, 160), errc::format, "rows of 33, not a multiple of the Q8_0 block of 32");
    fails(with({1ull << 32, 1ull << 32}, 0, 160), errc::format, "more elements than 2^63");
    fails(with({~0ull, ~0ull, ~0ull, ~0ull}, 0, 160), errc::format, "more elements");
    fails(with({1ull << 62}, 0, 160), errc::format, "more bytes than 2^64");
    fails(with({1ull << 61}, 0, 160), errc::truncated, "file has");
    fails(with({4}, 0, ~31ull), errc::truncated, "ends at a byte above 2^64");
    fails(with({4}, 0, 8), errc::format, "offset 8, not a multiple of the alignment 32");
    fails(with({4}, 0, 32), errc::format, "overlap at byte");
    fails(with({4}, 0, 0), errc::format, "overlap at byte");
    fails(with({4}, 0, 1ull << 40), errc::truncated, "tensor \"x\" ends at 1,099,511,628,");
    fails(with({4}, 21, 160), errc::unsupported, "\"x\" has type IQ3_S (21); supported: F32 F16 Q4_0 Q4_1 ");
    fails(with({4}, 4711, 160), errc::unsupported, "\"x\" has type an unknown type (4711)");
}

TEST_CASE("gguf: sizes at every power of two are compared exactly") {
    for (unsigned bit = 5; bit < 64; ++bit)
        for (const std::int64_t step : {-32, 0, 32}) {
            const auto n = (1ull << bit) + static_cast<std::uint64_t>(step);
            if (n == 0 || n == 32) continue;
            INFO(n);
            CHECK_FALSE(opened(small_gguf().tensor("x", {n}, 8, 160).bytes()).file.ok());
            CHECK_FALSE(opened(small_gguf().tensor("x", {32, n}, 8, 160).bytes()).file.ok());
            CHECK_FALSE(opened(small_gguf().tensor("x", {4}, 0, n + 4096).bytes()).file.ok());
        }
}

TEST_CASE("gguf: a cut download says which tensor and how much") {
    const auto whole = small_gguf().bytes();
    const opened o(whole.substr(0, whole.size() - 1));
    CHECK(o.file.status().code() == errc::truncated);
    CHECK(has(o.message(), "m.gguf: tensor \"h.weight\" ends at " + std::to_string(whole.size()) +
                               ", file has " + std::to_string(whole.size() - 1) + ": download again"));
}

TEST_CASE("gguf: names from files stay inside one printable line") {
    const std::string evil = "a\x1b[31m\"\n\r" + std::string(200, 'x');
    const opened o(small_gguf().tensor(evil, {33}, 8, 160).bytes());
    for (const char c : o.message()) CHECK((c >= 0x20 && c < 0x7F));
    CHECK(o.message().size() < 400);
}

TEST_CASE("gguf: real files load") {
    const char* rival = std::getenv("QSLIP_RIVAL");
    if (rival == nullptr) {
        std::cout << "SKIPPED: real GGUF files because QSLIP_RIVAL is not set\n";
        MESSAGE("SKIPPED: real GGUF files because QSLIP_RIVAL is not set");
        return;
    }
    int n_files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(rival) / "models")) {
        if (entry.path().extension() != ".gguf") continue;
        const auto f = gguf_file::open(entry.path().string());
        CHECK_MESSAGE(f.ok(), f.status().message());
        if (!f) continue;
        CHECK(f->get_string_array("tokenizer.ggml.tokens").value().size() > 1000);
        ++n_files;
    }
    CHECK(n_files > 10);
}
