// Numerics modes through qslip.h, beside the C++ library in the same program.
#include <qslip/model.hpp>
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <qslip.h>
#include <vector>

#include "formats/gguf.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;

TEST_CASE("a mode of the options is the mode of the scores") {
    const test::temp_folder folder;
    const std::string path = folder.file("coded.gguf");
    const model opened = test::load_tiny_model(path, {.type = dtype::q8_0});
    const std::vector<std::int32_t> tokens = {1, 2, 3, 50, 4, 5};
    std::vector<float> logits(tokens.size() * opened.config().n_vocab),
        hidden(tokens.size() * opened.config().d_model), expected(logits.size());
    for (const auto mode : {QSLIP_MODE_F32, QSLIP_MODE_A16, QSLIP_MODE_A8}) {
        qslip_model_options options = QSLIP_MODEL_OPTIONS_INIT;
        options.mode = mode;
        qslip_model* m = nullptr;
        REQUIRE(qslip_model_open(path.c_str(), &options, &m, nullptr) == QSLIP_OK);
        std::size_t n = 0;
        REQUIRE(qslip_model_score(m, tokens.data(), tokens.size(), logits.data(), logits.size(), &n,
                                  nullptr) == QSLIP_OK);
        scorer engine(opened.with_mode(all_numerics[mode]));
        const batch_item item{tokens, nullptr};
        REQUIRE(engine.hidden({&item, 1}, hidden).ok());
        REQUIRE(engine.logits(hidden, expected).ok());
        CHECK(logits == expected);
        CHECK(qslip_model_destroy(m, nullptr) == QSLIP_OK);
    }
}
