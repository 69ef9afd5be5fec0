// Modes of a comparison: which is taken, what they measure, the sample that keeps them apart.
#include <qslip/compare.hpp>
#include <qslip/detail/metrics/compare_position.hpp>
#include <qslip/model.hpp>
#include <qslip/report.hpp>
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;
using metrics::position_accumulator;

namespace {

constexpr std::size_t window = 64;

class arms {
    test::temp_folder folder_;
    model open(const std::string& name, const test::tiny_model_options& options) {
        return test::load_tiny_model(folder_.file(name), options);
    }

public:
    model base = open("base.gguf", {}), q8 = open("q8.gguf", {.type = dtype::q8_0});
};

const arms& models() {
    static const arms all;
    return all;
}

std::string text_of(std::size_t n_windows) {
    std::string text;
    for (int i = 0; models().base.vocab().encode(text)->size() < n_windows * window; ++i)
        text += "the ring " + std::to_string(i * 37 % 101) + " is there; ";
    return text;
}

run_result run(const model& base, const model& cand, std::size_t n_windows, std::optional<numerics> mode,
               std::optional<numerics> mode_base = numerics::f32, bool attention = false,
               unsigned threads = 0) {
    compare_options options;
    if (attention) options.measure = {"attention"};
    options.threads = threads;
    options.mode = mode;
    options.mode_base = mode_base;
    options.window = window;
    const auto text = text_of(n_windows);
    auto r = compare(base, std::span(&cand, 1), text_source{text, "t"}, slice_registry::standard(), options);
    REQUIRE_MESSAGE(r.ok(), r.status().message());
    return *std::move(r);
}

const candidate_result& only(const run_result& r) { return r.candidates.front(); }
const position_accumulator& positions(const run_result& r) { return only(r).slices.front().positions; }
double mean_kl(const position_accumulator& seen) { return seen.summary(metric::kl_fwd_nats)->mean; }

/// All positions of the first windows, by teacher forcing with two models in their own modes.
position_accumulator compare_directly(const model& p, const model& q, std::size_t n_windows) {
    const auto tokens = models().base.vocab().encode(text_of(n_windows));
    const std::size_t v = models().base.vocab().n_vocab();
    position_accumulator out;
    for (std::size_t w = 0; w < n_windows; ++w) {
        const auto ids = std::span(*tokens).subspan(w * window, window);
        const batch_item once{ids, nullptr};
        std::vector<float> rows[2];
        for (int i = 0; i < 2; ++i) {
            scorer engine(i == 0 ? p : q);
            std::vector<float> hidden(window * engine.owner().config().d_model);
            rows[i].resize(window * v);
            REQUIRE(engine.hidden(std::span(&once, 1), hidden).ok());
            REQUIRE(engine.logits(hidden, rows[i]).ok());
        }
        for (std::size_t i = 0; i + 1 < window; ++i)
            out.add(metrics::compare_position(std::span(rows[0]).subspan(i * v, v),
                                              std::span(rows[1]).subspan(i * v, v), ids[i + 1]),
                    w);
    }
    return out;
}

}  // namespace

TEST_CASE("a candidate runs in A16, the base in F32; the numbers are those of the modes") {
    const auto& [base, q8] = std::pair(models().base, models().q8);
    const auto a16 = run(base, q8, 8, {});
    CHECK(only(a16).mode == numerics::a16);
    CHECK(a16.manifest.settings.mode_base == numerics::f32);
    CHECK(positions(a16) == compare_directly(base, q8.with_mode(numerics::a16), 8));
    CHECK(positions(run(base, q8, 8, numerics::f32)) == compare_directly(base, q8, 8));
    CHECK(positions(run(base, q8, 8, numerics::a8)) == compare_directly(base, q8.with_mode(numerics::a8), 8));
    CHECK(positions(run(q8, base, 8, numerics::f32, numerics::a8)) ==
          compare_directly(q8.with_mode(numerics::a8), base, 8));
    const auto json = report::result_json(a16);
    CHECK(json.find("\"mode_base\": \"F32\"") != std::string::npos);
    CHECK(json.find("\"mode\": \"A16\"") != std::string::npos);
}

TEST_CASE("the base's own file runs in the base's mode: exactly 0 in each") {
    for (const auto mode : all_numerics) {
        const auto r = run(models().q8, models().q8, 4, {}, mode);
        CHECK(only(r).mode == mode);
        CHECK(mean_kl(positions(r)) == 0);
        CHECK(only(r).resolution.front() == below_resolution::no);
    }
}

TEST_CASE("on a sample, weights, deployment and the kernel's own rounding are told apart") {
    constexpr std::size_t n = 3;  // 189 positions: fewer than the least sample, so it is all of them
    const auto &base = models().base, &q8 = models().q8;
    const auto a16 = q8.with_mode(numerics::a16), a8 = q8.with_mode(numerics::a8);
    for (const auto mode : all_numerics) {
        const auto r = run(base, q8, n, mode);
        const auto& sample = only(r).sample;
        CHECK(sample.weights == compare_directly(base, q8, n));
        CHECK(sample.deployed == compare_directly(base, a8, n));
        if (mode == numerics::f32) CHECK(sample.floor.n_positions() == 0);
        if (mode == numerics::a16) CHECK(sample.floor == compare_directly(q8, a16, n));
        if (mode == numerics::a8) CHECK(sample.floor == compare_directly(q8, a8, n));
    }
    const auto r = run(base, q8, n, {});
    CHECK(mean_kl(only(r).sample.floor) * 100 < mean_kl(only(r).sample.weights));
    CHECK(mean_kl(only(r).sample.floor) > 0);
}

TEST_CASE("a long run is sampled: about 1 % of the positions, at least 200") {
    const auto r = run(models().base, models().q8, 40, {});
    CHECK(positions(r).n_positions() == 40 * (window - 1));
    CHECK(only(r).sample.weights.n_positions() == 200);
    // The last text of the sample is read in part: its rows are those of the same positions.
    const auto same = run(models().q8, models().q8, 40, numerics::a16);
    CHECK(only(same).sample.weights.n_positions() == 200);
    CHECK(mean_kl(only(same).sample.weights) == 0);
}

TEST_CASE("a slice below the resolution of A16 is run again in F32; in A8 it is marked") {
    const auto& q8 = models().q8;
    const auto r = run(q8, q8, 5, numerics::a16);  // only the rounding of activations is between the arms
    REQUIRE(only(r).sample.resolution_nats().has_value());
    CHECK(mean_kl(only(r).sample.floor) > 0);
    CHECK(only(r).resolution.front() == below_resolution::rerun);
    CHECK(mean_kl(positions(r)) == 0);  // what F32 says
    CHECK(positions(r).n_positions() == 5 * (window - 1));
    for (const auto& cell : only(r).release.cells)
        if (cell.metric == "kl_fwd_nats")
            CHECK((cell.below_resolution && cell.rerun_f32 && *cell.delta == 0));
    const auto marked = run(q8, q8, 5, numerics::a8);
    CHECK(only(marked).resolution.front() == below_resolution::marked);
    CHECK(mean_kl(positions(marked)) > 0);
    for (const auto& cell : only(marked).release.cells)
        if (cell.metric == "kl_fwd_nats") CHECK((cell.below_resolution && !cell.rerun_f32));
}

TEST_CASE("attention is compared when asked for, window by window, the same with any number of threads") {
    using quantity = metrics::attention_quantity;
    const auto& [base, q8] = std::pair(models().base, models().q8);
    CHECK(only(run(base, q8, 3, {})).attention.n_positions() == 0);
    const auto r = run(base, q8, 3, {}, numerics::f32, true, 1);
    const auto& seen = only(r).attention;
    CHECK(seen.n_positions() == 3 * window);
    CHECK(seen.n_clipped() == 0);
    CHECK(report::result_json(r) == report::result_json(run(base, q8, 3, {}, numerics::f32, true, 2)));
    const auto tokens = models().base.vocab().encode(text_of(3));
    double kl_nats = 0;
    for (std::size_t w = 0; w < 3; ++w) {
        scorer p(base), q(q8.with_mode(numerics::a16));
        const auto heads = compare_attention(p, q, std::span(*tokens).subspan(w * window, window));
        REQUIRE(heads.ok());
        kl_nats += heads->back().kl_nats;
    }
    CHECK(seen.mean(seen.n_layers() - 1, seen.n_heads() - 1, quantity::kl_nats) ==
          doctest::Approx(kl_nats / (3 * window)).epsilon(1e-9));
    CHECK(kl_nats > 0);
    const auto same = run(q8, q8, 3, {}, numerics::a8, true);
    CHECK(only(same).attention.mean(quantity::kl_nats) == 0);
}
