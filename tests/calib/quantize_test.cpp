#include <qslip/quantize.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <support/gguf_bytes.hpp>
#include <support/temp_folder.hpp>
#include <vector>

#include "formats/gguf.hpp"
#include "formats/gguf_writer.hpp"
#include "kernels/block_codec.hpp"

using namespace qslip;
using namespace qslip::test;

namespace {

struct source {
    const char* name;
    std::vector<std::uint64_t> dims;
};
const std::vector<source> sources = {
    {"token_embd.weight", {64, 3}}, {"blk.0.attn_norm.weight", {64}},       {"blk.0.attn_q.weight", {256, 4}},
    {"blk.0.attn_q.bias", {64}},    {"blk.0.ffn_gate_inp.weight", {64, 2}}, {"odd.weight", {33, 2}},
    {"flat.weight", {64, 1}},       {"position_embd.weight", {32, 2}},      {"blk.0.x_norm.weight", {32, 2}}};

/// All tensors F32 (i % 17) - 8, but element `bad_at` of attn_q.
void write_model(const std::string& path, float bad = 0, std::size_t bad_at = 0) {
    auto w = gguf_writer::create(path);
    REQUIRE(w.ok());
    w->add_string("general.architecture", "llama");
    w->add_uint("general.file_type", 0);
    w->add_string_array("tokens", std::vector<std::string>{"a", "b"});
    for (const auto& s : sources) w->add_tensor(s.name, dtype::f32, s.dims);
    for (const auto& s : sources) {
        std::vector<float> x(s.dims[0] * (s.dims.size() > 1 ? s.dims[1] : 1));
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) - 8.0f;
        if (bad != 0 && s.name == std::string("blk.0.attn_q.weight")) x[bad_at] = bad;
        REQUIRE(w->append(std::as_bytes(std::span(x))).ok());
    }
    REQUIRE(w->commit().ok());
}

result<quantize_summary> quantize(const std::string& in, const std::string& out, dtype type) {
    quantize_options options;
    options.type = type;
    return quantize_file(in, out, options);
}

}  // namespace

TEST_CASE("quantize: which tensors change, and the metadata that follows") {
    temp_folder dir;
    write_model(dir.file("in"));
    const auto s = quantize(dir.file("in"), dir.file("out"), dtype::q4_0);
    REQUIRE_MESSAGE(s.ok(), s.status().message());
    CHECK(s->n_converted == 3);
    CHECK(s->n_kept == 6);
    CHECK(s->n_requantized == 0);
    const auto f = gguf_file::open(dir.file("out"));
    REQUIRE(f.ok());
    const auto type = [&](const char* name) { return f->find_tensor(name)->type; };
    CHECK(type("token_embd.weight") == dtype::q4_0);
    CHECK(type("blk.0.attn_q.weight") == dtype::q4_0);
    CHECK(type("odd.weight") == dtype::f16);  // rows of 33
    for (const char* kept : {"blk.0.attn_norm.weight", "blk.0.attn_q.bias", "blk.0.ffn_gate_inp.weight",
                             "flat.weight", "position_embd.weight", "blk.0.x_norm.weight"})
        CHECK(type(kept) == dtype::f32);
    CHECK(f->get_uint("general.file_type").value() == 2);
    CHECK(f->get_uint("general.quantization_version").value() == 2);
    CHECK(f->get_string("general.architecture").value() == "llama");
    CHECK(f->get_string_array("tokens").value()[1] == "b");
}

TEST_CASE("quantize: the bytes are the codec's, in every type") {
    temp_folder dir;
    write_model(dir.file("in"));
    std::vector<float> x(256 * 4);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) - 8.0f;
    for (const auto& kind : all_dtypes) {
        REQUIRE(quantize(dir.file("in"), dir.file("out"), kind.type).ok());
        const auto f = gguf_file::open(dir.file("out"));
        REQUIRE(f.ok());
        const auto* t = f->find_tensor("blk.0.attn_q.weight");
        CHECK(t->type == kind.type);
        std::vector<std::byte> stored(t->size_bytes), wanted(t->size_bytes);
        REQUIRE(f->read_tensor(*t, stored).ok());
        REQUIRE_FALSE(quantize_rtn(kind.type, x.data(), x.size(), wanted.data()).has_value());
        CHECK(stored == wanted);
    }
}

TEST_CASE("quantize: onto itself, and again from a quantized file") {
    temp_folder dir;
    write_model(dir.file("m"));
    REQUIRE(quantize(dir.file("m"), dir.file("m"), dtype::q8_0).ok());
    const auto once = read_file(dir.file("m"));
    CHECK(quantize(dir.file("m"), dir.file("m"), dtype::q8_0)->n_converted == 0);
    CHECK(read_file(dir.file("m")) == once);
    CHECK(quantize(dir.file("m"), dir.file("m"), dtype::q5_1)->n_requantized == 2);
}

TEST_CASE("quantize: bad weights are refused by name and leave no file") {
    temp_folder dir;
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e38f}) {
        write_model(dir.file("in"), bad, 70);
        write_file(dir.file("out"), "old");
        const auto s = quantize(dir.file("in"), dir.file("out"), dtype::q8_0).status();
        CHECK(s.code() == errc::nonfinite);
        const std::string message = s.message();
        CHECK(message.find("tensor \"blk.0.attn_q.weight\": ") != std::string::npos);
        CHECK(message.find(bad == 1e38f ? "from element 64 on a number is beyond the range of Q8_0"
                                        : "element 70 is NaN or infinite") != std::string::npos);
        CHECK(read_file(dir.file("out")) == "old");
        CHECK_FALSE(std::filesystem::exists(dir.file("out.qslip-tmp")));
    }
    CHECK(quantize(dir.file("none"), dir.file("o"), dtype::q8_0).status().code() == errc::not_found);
}
