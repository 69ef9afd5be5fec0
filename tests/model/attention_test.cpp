// Attention of two tiny models over the same tokens: against a double oracle, and bit for bit against itself.
#include <qslip/detail/core/rng.hpp>
#include <qslip/model.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <cstring>
#include <vector>

#include "model/model_impl.hpp"
#include "support/naive_llama.hpp"
#include "support/temp_folder.hpp"
#include "support/tiers.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;
using test::load_tiny, test::random_ids;
using ids = std::vector<std::int32_t>;
using head_sums = std::vector<attention_sums>;

namespace {

head_sums compare(const model& base, const model& cand, const ids& tokens, unsigned n_threads = 1) {
    scorer p(base, nullptr, n_threads), q(cand, nullptr, n_threads);
    auto sums = compare_attention(p, q, tokens);
    REQUIRE_MESSAGE(sums.ok(), sums.status().message());
    return *std::move(sums);
}

bool same_bits(const head_sums& a, const head_sums& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
}

/// Adds one row of weights of both models to the sums of its head.
void add_row(std::span<const double> p, std::span<const double> q, attention_sums& to) {
    for (std::size_t s = 0; s < p.size(); ++s) {
        to.kl_nats += p[s] * std::log(p[s] / q[s]);
        to.entropy_base_nats -= p[s] * std::log(p[s]);
        to.entropy_cand_nats -= q[s] * std::log(q[s]);
        if (s >= 4) continue;
        to.sink_mass_base += p[s];
        to.sink_mass_cand += q[s];
    }
}

head_sums oracle(const model& base, const model& cand, const ids& tokens) {
    const auto p = test::naive_llama(base.gguf()).attention_weights(tokens),
               q = test::naive_llama(cand.gguf()).attention_weights(tokens);
    const std::size_t n = tokens.size(), n_heads = base.config().n_heads;
    head_sums out(p.size() * n_heads);
    for (std::size_t l = 0; l < p.size(); ++l)
        for (std::size_t row = 0; row < n * n_heads; ++row)
            add_row(std::span(p[l]).subspan(row * n, row / n_heads + 1),
                    std::span(q[l]).subspan(row * n, row / n_heads + 1), out[l * n_heads + row % n_heads]);
    return out;
}

}  // namespace

TEST_CASE("attention of two models matches a double oracle, in one tile of rows and in two") {
    const model base = load_tiny();
    for (const dtype type : {dtype::q8_0, dtype::q4_1})
        for (const std::size_t n : {1u, 70u, 300u}) {
            const model cand = load_tiny({.type = type});
            const ids tokens = random_ids(base, n, 5);
            const head_sums got = compare(base, cand, tokens), expected = oracle(base, cand, tokens);
            REQUIRE(got.size() == expected.size());
            double largest = 0;
            for (std::size_t h = 0; h < got.size(); ++h) {
                const double near = 2e-6 * static_cast<double>(n);
                CHECK(std::fabs(got[h].kl_nats - expected[h].kl_nats) < near);
                CHECK(std::fabs(got[h].entropy_base_nats - expected[h].entropy_base_nats) < near);
                CHECK(std::fabs(got[h].entropy_cand_nats - expected[h].entropy_cand_nats) < near);
                CHECK(std::fabs(got[h].sink_mass_base - expected[h].sink_mass_base) < near);
                CHECK(std::fabs(got[h].sink_mass_cand - expected[h].sink_mass_cand) < near);
                largest = std::max(largest, got[h].kl_nats / static_cast<double>(n));
            }
            if (n > 1) CHECK(largest > 1e-5);
        }
}

TEST_CASE("a model beside itself attends alike: a KL of exactly 0 in every mode") {
    const model m = load_tiny({.type = dtype::q8_0});
    const ids tokens = random_ids(m, 90, 6);
    for (const numerics mode : all_numerics)
        for (const attention_sums& h : compare(m.with_mode(mode), m.with_mode(mode), tokens)) {
            CHECK(h.kl_nats == 0);
            CHECK(h.entropy_base_nats == h.entropy_cand_nats);
            CHECK(h.sink_mass_base == h.sink_mass_cand);
        }
    for (const attention_sums& h : compare(m, m.with_mode(numerics::a8), tokens)) CHECK(h.kl_nats > 0);
}

TEST_CASE("attention sums are the same bits for every tier and number of threads") {
    const model base = load_tiny(), cand = load_tiny({.type = dtype::q4_1});
    const ids tokens = random_ids(base, 280, 7);
    head_sums first;
    for (const test::tier& t : test::tiers()) {
        for (const model* m : {&base, &cand}) const_cast<model::impl&>(m->internals()).ops = t.ops;
        for (const unsigned n_threads : {1u, 3u}) {
            const head_sums got = compare(base, cand.with_mode(numerics::a16), tokens, n_threads);
            if (first.empty()) first = got;
            INFO(t.name << " threads " << n_threads);
            CHECK(same_bits(got, first));
        }
    }
}

TEST_CASE("what each arm's own tap says is said of it beside another, and the tap stays as it was") {
    const model base = load_tiny(), cand = load_tiny({.type = dtype::q8_0});
    const ids tokens = random_ids(base, 280, 8);
    attention_tap taps[2];
    scorer p(base, &taps[0]), q(cand, &taps[1]);
    std::vector<float> hidden(tokens.size() * base.config().d_model);
    const batch_item item{tokens};
    for (scorer* s : {&p, &q}) REQUIRE(s->hidden({&item, 1}, hidden).ok());
    const auto sums = compare_attention(p, q, tokens);
    REQUIRE(sums.ok());
    for (std::size_t h = 0; h < sums->size(); ++h) {
        CHECK((*sums)[h].entropy_base_nats == taps[0].entropy_sum_nats[h]);
        CHECK((*sums)[h].entropy_cand_nats == taps[1].entropy_sum_nats[h]);
        CHECK((*sums)[h].sink_mass_base == taps[0].sink_mass_sum[h]);
        CHECK((*sums)[h].sink_mass_cand == taps[1].sink_mass_sum[h]);
    }
    CHECK(taps[0].n_positions == tokens.size());
}

TEST_CASE("models of other shapes, and one scorer for both, are refused") {
    const model base = load_tiny();
    const ids tokens = random_ids(base, 5, 9);
    scorer p(base), deeper(load_tiny({.n_layers = 3})), narrower(load_tiny({.n_heads = 4}));
    CHECK(compare_attention(p, deeper, tokens).status().code() == errc::not_comparable);
    CHECK(compare_attention(p, narrower, tokens).status().code() == errc::not_comparable);
    CHECK(compare_attention(p, p, tokens).status().code() == errc::arg);
    scorer q(base);
    CHECK(compare_attention(p, q, ids{-1}).status().code() == errc::arg);
    CHECK(compare_attention(p, q, tokens).ok());
}
