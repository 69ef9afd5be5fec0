#include <doctest/doctest.h>
#include <array>
#include <functional>
#include <support/gguf_bytes.hpp>
#include <support/temp_folder.hpp>

#include "formats/gguf.hpp"
#include "formats/gguf_writer.hpp"

using namespace qslip;
using namespace qslip::test;

namespace {

constexpr std::array<std::uint64_t, 1> four{4};

gguf_writer writer_at(const std::string& path) {
    auto w = gguf_writer::create(path);
    REQUIRE(w.ok());
    return *std::move(w);
}

}  // namespace

TEST_CASE("gguf_writer: a copy has the same bytes") {
    temp_folder dir;
    auto g = small_gguf();
    g.data.resize((g.data.size() + 31) / 32 * 32, '\0');
    write_file(dir.file("in"), g.bytes());
    const auto in = gguf_file::open(dir.file("in"));
    REQUIRE(in.ok());
    auto w = writer_at(dir.file("out"));
    for (std::size_t i = 0; i < in->n_keys(); ++i) w.add_entry(in->entry(i));
    for (const auto& t : in->tensors()) w.add_tensor(t.name, t.type, t.dims);
    std::string bytes;
    for (const auto& t : in->tensors()) {
        std::string tensor(t.size_bytes, '\0');
        REQUIRE(in->read_tensor(t, std::as_writable_bytes(std::span(tensor))).ok());
        bytes += tensor;
    }
    for (std::size_t i = 0; i < bytes.size(); i += 7)  // pieces across tensor ends
        REQUIRE(
            w.append(std::as_bytes(std::span(bytes)).subspan(i, std::min<std::size_t>(7, bytes.size() - i)))
                .ok());
    REQUIRE(w.commit().ok());
    CHECK(read_file(dir.file("out")) == g.bytes());
}

TEST_CASE("gguf_writer: every kind of value reads back, at another alignment") {
    temp_folder dir;
    auto w = writer_at(dir.file("out"));
    w.add_uint("general.alignment", 128);
    w.add_int("int", -5);
    w.add_f32("f", 0.1f);
    w.add_bool("yes", true);
    w.add_string("s", "a \xC3\xA4 \"");
    w.add_string_array("ss", std::vector<std::string>{"x", "", "yy"});
    w.add_f32_array("fs", std::vector<float>{1, 2});
    w.add_i32_array("is", std::vector<std::int32_t>{-1, 2});
    w.add_tensor("a", dtype::f32, four);
    w.add_tensor("b", dtype::f32, four);
    const std::string data(32, 'd');
    REQUIRE(w.append(std::as_bytes(std::span(data))).ok());
    REQUIRE(w.commit().ok());
    const auto f = gguf_file::open(dir.file("out"));
    REQUIRE_MESSAGE(f.ok(), f.status().message());
    CHECK(f->alignment() == 128);
    CHECK(f->get_uint("int").status().code() == errc::arg);
    CHECK(f->get_f32("f").value() == double{0.1f});
    CHECK(f->get_bool("yes").value());
    CHECK(f->get_string("s").value() == "a \xC3\xA4 \"");
    CHECK(f->get_string_array("ss").value()[2] == "yy");
    CHECK(f->get_f32_array("fs").value()[1] == 2.0f);
    CHECK(f->get_i32_array("is").value()[0] == -1);
    CHECK(f->tensors()[1].offset - f->tensors()[0].offset == 128);
    CHECK(read_file(dir.file("out")).size() == f->data_offset() + 256);
}

TEST_CASE("gguf_writer: wrong declarations and wrong amounts leave no file") {
    const auto refused = [](const std::function<void(gguf_writer&)>& use) {
        temp_folder dir;
        auto w = writer_at(dir.file("out"));
        use(w);
        const auto s = w.commit();
        CHECK(s.code() == errc::arg);
        CHECK_FALSE(std::filesystem::exists(dir.file("out")));
    };
    refused([](auto& w) { w.add_uint("k", 1), w.add_uint("k", 2); });
    refused([](auto& w) { w.add_uint("", 1); });
    refused([](auto& w) { w.add_uint("general.alignment", 3); });
    refused([](auto& w) { w.add_tensor("t", dtype::f32, four), w.add_tensor("t", dtype::f32, four); });
    refused([](auto& w) { w.add_tensor(std::string(64, 'n'), dtype::f32, four); });
    refused([](auto& w) { w.add_tensor("t", dtype::f32, {}); });
    refused([](auto& w) { w.add_tensor("t", dtype::q8_0, four); });
    refused([](auto& w) { w.add_tensor("t", dtype::f32, std::array<std::uint64_t, 1>{0}); });
    refused([](auto& w) { w.add_tensor("t", dtype::f32, std::array<std::uint64_t, 2>{~0ull, ~0ull}); });
    refused([](auto& w) { w.add_tensor("t", dtype::f32, four); });  // no bytes came
    refused([](auto& w) {
        w.add_tensor("t", dtype::f32, four);
        CHECK(w.append(std::array<std::byte, 17>{}).code() == errc::arg);
        w.add_uint("late", 1);
    });
}
