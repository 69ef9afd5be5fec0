// Token ids against other implementations: llama.cpp's own vocabulary tests, and the reference ids of
// SmolLM2.
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <simdjson.h>
#include <sstream>
#include <string>
#include <vector>

#include "formats/gguf.hpp"
#include "support/external.hpp"

using ids = std::vector<std::int32_t>;

static qslip::tokenizer open_tokenizer(const std::string& path) {
    auto file = qslip::gguf_file::open(path);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    auto made = qslip::tokenizer::from_gguf(*file);
    REQUIRE_MESSAGE(made.ok(), made.status().message());
    return *made;
}

/// Texts of an .inp file: separated by a marker line; the newline before the marker belongs to neither. The
/// marker may be missing behind the last.
static std::vector<std::string> read_texts(const std::string& path) {
    const std::string all = qslip_test::read_all(path), marker = "\n__ggml_vocab_test__\n";
    std::vector<std::string> texts;
    std::size_t at = 0;
    for (std::size_t end; (end = all.find(marker, at)) != all.npos; at = end + marker.size())
        texts.push_back(all.substr(at, end - at));
    if (at < all.size()) texts.push_back(all.substr(at));
    return texts;
}

static std::vector<ids> read_ids(const std::string& path) {
    std::vector<ids> rows;
    std::istringstream lines(qslip_test::read_all(path));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream numbers(line);
        rows.emplace_back();
        for (std::int32_t id; numbers >> id;) rows.back().push_back(id);
    }
    return rows;
}

/// All cases of one vocabulary; `in_front` is what its tokenizer puts in front of a text. Returns their
/// number.
static std::size_t check_vocabulary(const std::string& path, const std::string& in_front) {
    const auto tokenizer = open_tokenizer(path);
    const auto texts = read_texts(path + ".inp");
    const auto expected = read_ids(path + ".out");
    REQUIRE(texts.size() == expected.size());
    REQUIRE(texts.size() >= 40);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        CAPTURE(texts[i]);
        const auto got = tokenizer.encode(texts[i]);
        REQUIRE_MESSAGE(got.ok(), got.status().message());
        CHECK(*got == expected[i]);
        CHECK(*tokenizer.decode(*got) == (texts[i].empty() ? "" : in_front + texts[i]));
    }
    return texts.size();
}

TEST_CASE("tokenizer: ids of llama.cpp's vocabulary tests") {
    const auto rival = qslip_test::external_path("QSLIP_RIVAL", "vocabulary tests of llama.cpp");
    if (rival.empty()) return;
    std::size_t n_cases = 0;
    for (const char* name :
         {"gpt-2", "llama-bpe", "qwen2", "qwen35", "deepseek-coder", "deepseek-llm", "starcoder", "refact",
          "command-r", "falcon", "mpt", "gemma-4", "llama-spm", "phi-3"}) {
        CAPTURE(name);
        const std::string_view family = name;
        const bool is_spm = family == "llama-spm" || family == "phi-3";
        n_cases += check_vocabulary(rival + "/models/ggml-vocab-" + name + ".gguf", is_spm ? " " : "");
    }
    MESSAGE(n_cases << " texts of 14 vocabularies");
    CHECK(n_cases >= 640);
}

TEST_CASE("tokenizer: a family that is not supported is named") {
    const auto rival = qslip_test::external_path("QSLIP_RIVAL", "a vocabulary of a BERT model");
    if (rival.empty()) return;
    auto file = qslip::gguf_file::open(rival + "/models/ggml-vocab-bert-bge.gguf");
    REQUIRE(file.ok());
    const auto made = qslip::tokenizer::from_gguf(*file);
    CHECK(made.status().code() == qslip::errc::unsupported);
    CHECK(std::string(made.status().message()).find("tokenizer.ggml.model = \"bert\"") != std::string::npos);
}

TEST_CASE("tokenizer: reference ids of SmolLM2") {
    const auto model = qslip_test::external_path("QSLIP_MODEL", "reference ids of SmolLM2");
    const auto shared =
        model.empty() ? "" : qslip_test::external_path("QSLIP_SHARED", "reference ids of SmolLM2");
    if (shared.empty()) return;
    const auto tokenizer = open_tokenizer(model);
    simdjson::dom::parser parser;
    simdjson::dom::array sequences;
    REQUIRE(parser.load(shared + "/reference/smollm2-135m-q4_1.json")["sequences"].get(sequences) ==
            simdjson::SUCCESS);
    REQUIRE(sequences.size() == 6);
    for (const auto sequence : sequences) {
        std::string_view text;
        REQUIRE(sequence["text"].get(text) == simdjson::SUCCESS);
        ids expected;
        for (const auto id : sequence["tokens"].get_array())
            expected.push_back(static_cast<std::int32_t>(id.get_int64().value_unsafe()));
        CAPTURE(text);
        CHECK(*tokenizer.encode(text) == expected);
        CHECK(*tokenizer.decode(expected) == text);
    }
    CHECK_FALSE(tokenizer.adds_bos());
    CHECK(tokenizer.is_end_of_generation(2));
    CHECK(*tokenizer.encode("<|im_start|>user", {.parse_special = true}) == ids{1, 4093});
}
