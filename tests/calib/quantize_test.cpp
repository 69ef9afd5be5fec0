#include <qslip/quantize.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <map>
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
    std::string name;
    std::vector<std::uint64_t> dims;
};
const std::vector<source> sources = {
    {"token_embd.weight", {64, 3}}, {"blk.0.attn_norm.weight", {64}},       {"blk.0.attn_q.weight", {256, 4}},
    {"blk.0.attn_q.bias", {64}},    {"blk.0.ffn_gate_inp.weight", {64, 2}}, {"odd.weight", {33, 2}},
    {"flat.weight", {64, 1}},       {"position_embd.weight", {32, 2}},      {"blk.0.x_norm.weight", {32, 2}}};

/// All tensors F32 (i % 17) - 8, but element `bad_at` of attn_q.
void write_model(const std::string& path, const std::vector<source>& all = sources, float bad = 0,
                 std::size_t bad_at = 0) {
    auto w = gguf_writer::create(path);
    REQUIRE(w.ok());
    w->add_string("general.architecture", "llama");
    w->add_uint("general.file_type", 0);
    w->add_string_array("tokens", std::vector<std::string>{"a", "b"});
    for (const auto& s : all) w->add_tensor(s.name, dtype::f32, s.dims);
    for (const auto& s : all) {
        std::vector<float> x(s.dims[0] * (s.dims.size() > 1 ? s.dims[1] : 1));
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) - 8.0f;
        if (bad != 0 && s.name == "blk.0.attn_q.weight") x[bad_at] = bad;
        REQUIRE(w->append(std::as_bytes(std::span(x))).ok());
    }
    REQUIRE(w->commit().ok());
}

result<quantize_summary> quantize(const std::string& in, const std::string& out, const std::string& type) {
    quantize_options options;
    options.type = type;
    return quantize_file(in, out, options);
}

}  // namespace

TEST_CASE("quantize: which tensors change, and the metadata that follows") {
    temp_folder dir;
    write_model(dir.file("in"));
    const auto s = quantize(dir.file("in"), dir.file("out"), "Q4_0");
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
        if (!can_quantize(kind.type)) continue;
        REQUIRE(quantize(dir.file("in"), dir.file("out"), std::string(kind.name)).ok());
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

TEST_CASE("quantize: the file is the same for any number of threads") {
    temp_folder dir;
    write_model(dir.file("in"), {{"blk.0.attn_q.weight", {1024, 40}}});
    std::string first;
    for (const unsigned n_threads : {1u, 2u, 5u}) {
        quantize_options options;
        options.type = "Q4_K";
        options.n_threads = n_threads;
        REQUIRE(quantize_file(dir.file("in"), dir.file("out"), options).ok());
        if (first.empty()) first = read_file(dir.file("out"));
        CHECK(read_file(dir.file("out")) == first);
    }
}

TEST_CASE("quantize: names in any letter case; a wrong one is told the nearest") {
    temp_folder dir;
    write_model(dir.file("in"));
    CHECK(quantize(dir.file("in"), dir.file("out"), "q4_k_m").ok());
    const auto s = quantize(dir.file("in"), dir.file("out"), "Q8_O").status();
    CHECK(s.code() == errc::usage);
    CHECK(quantize(dir.file("in"), dir.file("out"), "NVFP4").status().code() == errc::usage);  // read only
    CHECK(std::string(s.message()) == "there is no weight type \"Q8_O\"; did you mean Q8_0?");
}

namespace {

/// The types of a model of 16 layers, by the ends of its tensors' names.
std::map<std::string, std::string> types_of(const std::string& target, std::uint64_t width, bool own_head) {
    std::vector<source> all = {{"token_embd.weight", {width, 2}}, {"output_norm.weight", {width}}};
    if (own_head) all.push_back({"output.weight", {width, 2}});
    for (int layer = 0; layer < 16; ++layer)
        for (const char* name : {"attn_q", "attn_v", "attn_qkv", "ffn_down"})
            all.push_back({"blk." + std::to_string(layer) + "." + name + ".weight", {width, 2}});
    temp_folder dir;
    write_model(dir.file("in"), all);
    REQUIRE(quantize(dir.file("in"), dir.file("out"), target).ok());
    const auto f = gguf_file::open(dir.file("out"));
    REQUIRE(f.ok());
    CHECK(f->get_uint("general.file_type").value() == find_weight_target(target)->file_type);
    std::map<std::string, std::string> types;
    for (const auto& t : f->tensors()) types[t.name] = info_of(t.type).name;
    return types;
}

/// Layers whose tensor of that name has the type, as "0 2 15".
std::string layers_with(const std::map<std::string, std::string>& types, const std::string& name,
                        const char* type) {
    std::string layers;
    for (int layer = 0; layer < 16; ++layer)
        if (types.at("blk." + std::to_string(layer) + "." + name + ".weight") == type)
            layers += (layers.empty() ? "" : " ") + std::to_string(layer);
    return layers;
}

}  // namespace

TEST_CASE("quantize: the mixtures give the tensors what llama.cpp gives them") {
    const std::string all = "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", ends_and_thirds = "0 1 4 7 10 13 14 15";
    auto types = types_of("Q4_K_M", 256, true);
    CHECK(types["output.weight"] == "Q6_K");
    CHECK(types["token_embd.weight"] == "Q4_K");
    CHECK(layers_with(types, "attn_q", "Q4_K") == all);
    CHECK(layers_with(types, "attn_v", "Q6_K") == ends_and_thirds);
    CHECK(layers_with(types, "ffn_down", "Q6_K") == ends_and_thirds);
    CHECK(layers_with(types, "attn_qkv", "Q5_K") == all);
    types = types_of("Q4_K_S", 256, false);
    CHECK(types["token_embd.weight"] == "Q6_K");  // it is the head too
    CHECK(layers_with(types, "attn_v", "Q5_K") == "0 1 2 3");
    CHECK(layers_with(types, "ffn_down", "Q5_K") == "0 1");
    CHECK(layers_with(types, "attn_qkv", "Q4_K") == all);
    types = types_of("Q5_K_M", 256, false);
    CHECK(layers_with(types, "attn_v", "Q6_K") == ends_and_thirds);
    CHECK(layers_with(types, "attn_q", "Q5_K") == all);
    CHECK(layers_with(types, "attn_qkv", "Q6_K") == all);
    types = types_of("Q5_K_S", 256, false);
    CHECK(layers_with(types, "attn_v", "Q5_K") == all);
    CHECK(layers_with(types, "ffn_down", "Q5_K") == all);
}

TEST_CASE("quantize: rows that are no whole blocks get the type's fallback") {
    auto types = types_of("Q4_K_M", 96, false);
    CHECK(types["token_embd.weight"] == "Q8_0");      // for Q6_K
    CHECK(types["blk.3.attn_q.weight"] == "Q5_0");    // for Q4_K
    CHECK(types["blk.3.attn_qkv.weight"] == "Q5_1");  // for Q5_K
    CHECK(types_of("IQ4_XS", 96, false)["blk.3.attn_q.weight"] == "IQ4_NL");
    CHECK(types_of("Q2_K", 96, false)["blk.3.attn_q.weight"] == "Q4_0");
    CHECK(types_of("Q4_K", 40, false)["blk.3.attn_q.weight"] == "F16");
}

TEST_CASE("quantize: onto itself, and again from a quantized file") {
    temp_folder dir;
    write_model(dir.file("m"));
    REQUIRE(quantize(dir.file("m"), dir.file("m"), "Q8_0").ok());
    const auto once = read_file(dir.file("m"));
    CHECK(quantize(dir.file("m"), dir.file("m"), "Q8_0")->n_converted == 0);
    CHECK(read_file(dir.file("m")) == once);
    CHECK(quantize(dir.file("m"), dir.file("m"), "Q5_1")->n_requantized == 2);
}

TEST_CASE("quantize: bad weights are refused by name and leave no file") {
    temp_folder dir;
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e38f}) {
        write_model(dir.file("in"), sources, bad, 70);
        write_file(dir.file("out"), "old");
        const auto s = quantize(dir.file("in"), dir.file("out"), "Q8_0").status();
        CHECK(s.code() == errc::nonfinite);
        const std::string message = s.message();
        CHECK(message.find("tensor \"blk.0.attn_q.weight\": ") != std::string::npos);
        CHECK(message.find(bad == 1e38f ? "from element 64 on a number is beyond the range of Q8_0"
                                        : "element 70 is NaN or infinite") != std::string::npos);
        CHECK(read_file(dir.file("out")) == "old");
        CHECK_FALSE(std::filesystem::exists(dir.file("out.qslip-tmp")));
    }
    CHECK(quantize(dir.file("none"), dir.file("o"), "Q8_0").status().code() == errc::not_found);
}
