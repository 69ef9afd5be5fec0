// What model::open and load refuse, and how they say it.
#include <qslip/model.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "formats/gguf.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;

namespace {

/// Opens and loads a tiny model whose bytes `edit` has changed.
template <class Edit>
status load_edited(const test::tiny_model_options& options, Edit edit, const limits& limits = {}) {
    const test::temp_folder folder;
    const std::string path = folder.file("tiny.gguf");
    REQUIRE(test::write_tiny_model(path, options).ok());
    std::string bytes = test::read_file(path);
    edit(bytes);
    test::write_file(path, bytes);
    auto m = model::open(path, {limits, "", ""});
    return m ? m->load() : m.status();
}

/// Overwrites the number stored for a key (type word, then value).
template <class T>
void set_number(std::string& bytes, const std::string& key, T value) {
    const auto at = bytes.find(key);
    REQUIRE(at != std::string::npos);
    std::memcpy(&bytes[at + key.size() + 4], &value, sizeof value);
}

void rename_all(std::string& bytes, const std::string& from, const std::string& to) {
    REQUIRE(from.size() == to.size());
    std::size_t n = 0;
    for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + 1), ++n)
        bytes.replace(at, from.size(), to);
    REQUIRE(n > 0);
}

bool says(const status& s, const std::string& text) {
    return std::string(s.message()).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("an untouched model loads; an unknown architecture is named with the supported ones") {
    CHECK(load_edited({}, [](std::string&) {}).ok());
    const status s = load_edited({.architecture = "mamba"}, [](std::string&) {});
    CHECK(s.code() == errc::unsupported);
    CHECK(says(s, "\"mamba\""));
    CHECK(says(s, "supported: llama"));
}

TEST_CASE("hyperparameters out of range are refused by name") {
    const auto with = [](const char* key, std::uint32_t value) {
        return load_edited({}, [&](std::string& b) { set_number(b, key, value); });
    };
    for (const char* key : {"llama.block_count", "llama.embedding_length", "llama.feed_forward_length",
                            "llama.context_length", "llama.attention.head_count_kv"})
        for (const std::uint32_t value : {0u, 0xFFFFFFFFu}) {
            const status s = with(key, value);
            INFO(key << " " << value << ": " << s.message());
            CHECK(s.code() == errc::arg);
            CHECK(says(s, key));
        }
    CHECK(with("llama.attention.head_count_kv", 4).code() == errc::shape);
    CHECK(with("llama.attention.head_count_kv", 3).code() == errc::shape);
    CHECK(with("llama.rope.dimension_count", 16).code() == errc::unsupported);
    CHECK(with("llama.block_count", 3).code() == errc::not_found);
    CHECK(with("llama.block_count", 1).code() == errc::unsupported);
    CHECK(with("llama.feed_forward_length", 192).code() == errc::shape);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const float bad : {nan, -1.0f, 0.0f}) {
        const status s = load_edited(
            {}, [&](std::string& b) { set_number(b, "llama.attention.layer_norm_rms_epsilon", bad); });
        CHECK(s.code() == errc::arg);
    }
}

TEST_CASE("tensors that are missing, surplus or misshapen are named") {
    status s =
        load_edited({}, [](std::string& b) { rename_all(b, "blk.1.ffn_up.weight", "blk.1.ffn_xx.weight"); });
    CHECK(s.code() == errc::not_found);
    CHECK(says(s, "blk.1.ffn_up.weight"));
    s = load_edited({.n_layers = 3},
                    [](std::string& b) { set_number(b, "llama.block_count", std::uint32_t{2}); });
    CHECK(s.code() == errc::unsupported);
    CHECK(says(s, "blk.2."));
}

TEST_CASE("NaN and infinity in weights are refused, naming the tensor") {
    for (const float bad :
         {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        const status s = load_edited({}, [&](std::string& b) { std::memcpy(&b[b.size() - 8], &bad, 4); });
        CHECK(s.code() == errc::nonfinite);
        CHECK(says(s, "blk.1.ffn_down.weight"));
    }
}

TEST_CASE("a model above the memory limit is refused with both sizes") {
    qslip::limits limits;
    limits.model_bytes = 1000;
    const status s = load_edited(
        {}, [](std::string&) {}, limits);
    CHECK(s.code() == errc::limit);
    CHECK(says(s, "GiB"));
}

TEST_CASE("a file that changes between open and load is refused") {
    const test::temp_folder folder;
    const std::string path = folder.file("tiny.gguf");
    REQUIRE(test::write_tiny_model(path).ok());
    auto m = model::open(path);
    REQUIRE(m.ok());
    test::rewrite_file(path, test::read_file(path) + "x");
    CHECK(m->load().code() == errc::changed);
    CHECK_FALSE(m->is_loaded());
}

TEST_CASE("an unloaded model scores nothing; loading twice is harmless") {
    const test::temp_folder folder;
    const std::string path = folder.file("tiny.gguf");
    REQUIRE(test::write_tiny_model(path).ok());
    auto m = model::open(path);
    REQUIRE(m.ok());
    std::vector<float> out(m->config().d_model);
    const std::int32_t id = 1;
    const batch_item item{{&id, 1}, nullptr};
    scorer engine(*m);
    CHECK(engine.hidden({&item, 1}, out).code() == errc::arg);
    CHECK(m->load().ok());
    CHECK(m->load().ok());
    CHECK(engine.hidden({&item, 1}, out).ok());
}

TEST_CASE("the head alone turns hidden states into logits, the same as the whole model's, and nothing else") {
    const test::temp_folder folder;
    const std::string path = folder.file("tiny.gguf");
    REQUIRE(test::write_tiny_model(path).ok());
    auto whole = model::open(path), part = model::open(path);
    REQUIRE((whole && part && whole->load().ok() && part->load(model_part::head).ok()));
    CHECK(part->is_loaded(model_part::head));
    CHECK_FALSE(part->is_loaded());
    const model_config& c = whole->config();
    std::vector<float> hidden(c.d_model), expected(c.n_vocab), got(c.n_vocab), later(c.d_model);
    const std::int32_t id = 1;
    const batch_item item{{&id, 1}, nullptr};
    scorer engine(*whole), head(*part);
    REQUIRE((engine.hidden({&item, 1}, hidden).ok() && engine.logits(hidden, expected).ok()));
    CHECK(head.hidden({&item, 1}, later).code() == errc::arg);
    CHECK(head.logits(hidden, got).ok());
    CHECK(got == expected);
    REQUIRE(part->load(model_part::all, 3).ok());
    CHECK(head.hidden({&item, 1}, later).ok());
    CHECK(later == hidden);
}
