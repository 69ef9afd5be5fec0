#include <qslip/decoder.hpp>

#include <doctest/doctest.h>
#include <cstring>

#include "support/tiny_model.hpp"

using namespace qslip;
using ids = std::vector<std::int32_t>;
using floats = std::vector<float>;

namespace {

floats logits_alone(const model& m, const ids& tokens) {
    scorer engine(m);
    floats hidden(tokens.size() * m.config().d_model), logits(tokens.size() * m.config().n_vocab);
    const batch_item item{tokens, nullptr};
    REQUIRE(engine.hidden({&item, 1}, hidden).ok());
    REQUIRE(engine.logits(hidden, logits).ok());
    return logits;
}

floats all_rows(const model& m, const std::vector<ids>& lists, unsigned n_threads) {
    floats rows;
    const auto keep = [&](std::span<const float> block) {
        rows.insert(rows.end(), block.begin(), block.end());
        return status();
    };
    REQUIRE(teacher_forced_logits(m, lists, n_threads, keep).ok());
    return rows;
}

}  // namespace

TEST_CASE("rows come in order, each list a sequence of its own, same bits on any number of threads") {
    const model m = test::load_tiny({});
    const std::vector<ids> lists = {
        test::random_ids(m, 70, 1), {}, test::random_ids(m, 3, 2), test::random_ids(m, 150, 3)};
    floats expected;
    for (const auto& list : lists) {
        const auto rows = list.empty() ? floats() : logits_alone(m, list);
        expected.insert(expected.end(), rows.begin(), rows.end());
    }
    for (const unsigned n_threads : {1u, 2u, 5u}) {
        const auto rows = all_rows(m, lists, n_threads);
        REQUIRE(rows.size() == expected.size());
        CHECK(std::memcmp(rows.data(), expected.data(), rows.size() * sizeof(float)) == 0);
    }
}

TEST_CASE("an observer's error and an unknown token end the run") {
    const model m = test::load_tiny({});
    const std::vector<ids> one = {test::random_ids(m, 3, 1)}, unknown = {{-1}};
    const auto refuse = [](std::span<const float>) { return status(errc::io, "full"); };
    CHECK(teacher_forced_logits(m, one, 1, refuse).code() == errc::io);
    CHECK(teacher_forced_logits(m, unknown, 1, [](std::span<const float>) { return status(); }).code() ==
          errc::arg);
}
