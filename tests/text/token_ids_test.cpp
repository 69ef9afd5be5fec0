#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"
#include "support/tiny_gguf.hpp"

using namespace qslip;
using ids = std::vector<std::int32_t>;

TEST_CASE("token ids are read from a JSON list") {
    CHECK(*parse_token_ids("[504, 2967]", "ids") == ids{504, 2967});
    CHECK(parse_token_ids("[]", "ids")->empty());
    for (const char* text : {"Hello", "{}", "[1.5]", "[-1]", "[2147483648]", "[[1]]", "[1"}) {
        const auto found = parse_token_ids(text, "ids");
        INFO(text);
        REQUIRE_FALSE(found.ok());
        CHECK(std::string(found.status().message()).starts_with("ids"));
    }
}

TEST_CASE("a file holds lists of token ids, empty ones too") {
    const test::temp_folder folder;
    test::write_file(folder.file("ids.json"), "[[1, 2], [], [3]]");
    CHECK(*read_token_lists(folder.file("ids.json")) == std::vector<ids>{{1, 2}, {}, {3}});
    test::write_file(folder.file("flat.json"), "[1, 2]");
    CHECK(read_token_lists(folder.file("flat.json")).status().code() == errc::schema);
    CHECK(read_token_lists(folder.file("none.json")).status().code() == errc::not_found);
}

TEST_CASE("a tokenizer opens from the path of a model file") {
    const test::temp_folder folder;
    test::write_file(folder.file("tiny.gguf"), test::tiny_gguf::bytes());
    const auto vocab = tokenizer::open(folder.file("tiny.gguf"));
    REQUIRE_MESSAGE(vocab.ok(), vocab.status().message());
    CHECK(vocab->n_vocab() == test::tiny_gguf::n_vocab);
    CHECK(tokenizer::open(folder.file("none.gguf")).status().code() == errc::not_found);
}
