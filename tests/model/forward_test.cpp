// The forward pass on tiny models: against a double oracle, and bit for bit against itself however the work
// is cut.
#include <qslip/decoder.hpp>
#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/core/rng.hpp>
#include <qslip/tokenizer.hpp>

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
using floats = std::vector<float>;

namespace {

floats logits_of(scorer& engine, std::span<const float> hidden) {
    const model_config& c = engine.owner().config();
    floats out(hidden.size() / c.d_model * c.n_vocab);
    REQUIRE(engine.logits(hidden, out).ok());
    return out;
}

floats score(scorer& engine, const ids& tokens, kv_cache* cache = nullptr) {
    floats hidden(tokens.size() * engine.owner().config().d_model);
    const batch_item item{tokens, cache};
    const status s = engine.hidden({&item, 1}, hidden);
    REQUIRE_MESSAGE(s.ok(), s.message());
    return logits_of(engine, hidden);
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace

TEST_CASE("logits match a double oracle for every type, tied and not") {
    for (const dtype_info& type : all_dtypes)
        for (const bool tied : {true, false}) {
            if (!can_quantize(type.type)) continue;
            const test::temp_folder folder;
            const std::string path = folder.file("tiny.gguf");
            REQUIRE(
                test::write_tiny_model(path, test::with_whole_blocks({.type = type.type, .tied_head = tied}))
                    .ok());
            auto m = model::open(path);
            REQUIRE_MESSAGE(m.ok(), m.status().message());
            REQUIRE(m->load().ok());
            const ids tokens = random_ids(*m, 70, 5);
            scorer engine(*m);
            const floats got = score(engine, tokens);
            const std::vector<double> expected = test::naive_llama(m->gguf()).logits(tokens);
            REQUIRE(got.size() == expected.size());
            double worst = 0, largest = 0;
            for (std::size_t i = 0; i < got.size(); ++i) {
                worst = std::max(worst, std::fabs(got[i] - expected[i]));
                largest = std::max(largest, std::fabs(expected[i]));
            }
            INFO(type.name);
            CHECK(largest > 1.0);
            CHECK(worst < 1e-4);
        }
}

TEST_CASE("every tier gives the same bits in every mode") {
    for (const dtype type : {dtype::q4_1, dtype::q8_0, dtype::f16, dtype::q4_k, dtype::q6_k, dtype::iq4_xs}) {
        const model weights = load_tiny(test::with_whole_blocks({.type = type}));
        const ids tokens = random_ids(weights, 90, 6);
        auto& state = const_cast<model::impl&>(weights.internals());
        for (const numerics mode : all_numerics) {
            floats first;
            for (const test::tier& t : test::tiers()) {
                state.ops = t.ops;
                scorer engine(weights.with_mode(mode));
                const floats got = score(engine, tokens);
                if (first.empty()) first = got;
                INFO(t.name << " " << numerics_name(mode));
                CHECK(same_bits(got, first));
            }
        }
    }
}

TEST_CASE("A16 is near F32, A8 less near, and weights stored as floats run in F32") {
    for (const dtype type :
         {dtype::q4_1, dtype::q8_0, dtype::q5_0, dtype::f16, dtype::q4_k, dtype::q6_k, dtype::mxfp4}) {
        const model m = load_tiny(test::with_whole_blocks({.type = type}));
        const ids tokens = random_ids(m, 60, 9);
        floats logits[3];
        for (const numerics mode : all_numerics) {
            scorer engine(m.with_mode(mode));
            CHECK(engine.owner().mode() == mode);
            logits[static_cast<std::size_t>(mode)] = score(engine, tokens);
        }
        const auto distance = [&](std::size_t mode) {
            double sum = 0;
            for (std::size_t i = 0; i < logits[0].size(); ++i) {
                const double d = double{logits[mode][i]} - logits[0][i];
                sum += d * d;
            }
            return std::sqrt(sum / static_cast<double>(logits[0].size()));
        };
        INFO(info_of(type).name);
        if (type == dtype::f16) {
            CHECK(distance(1) == 0);
            CHECK(distance(2) == 0);
            continue;
        }
        CHECK(distance(1) > 0);
        CHECK(distance(1) < 2e-3);
        CHECK(distance(2) > 30 * distance(1));
        CHECK(distance(2) < 0.3);
    }
}

TEST_CASE("a model of floats may have any width in every mode") {
    const model m = load_tiny({.type = dtype::f32, .d_model = 100, .d_ff = 70});
    const ids tokens = random_ids(m, 20, 11);
    floats first;
    for (const numerics mode : all_numerics) {
        scorer engine(m.with_mode(mode));
        const floats got = score(engine, tokens);
        if (first.empty()) first = got;
        CHECK(same_bits(got, first));
    }
}

TEST_CASE("logits are the same bits on every machine") {
    // FNV-1a over the bytes; a change of the arithmetic changes it and must be deliberate.
    const model m = load_tiny({.type = dtype::q5_1});
    const std::uint64_t expected[] = {0xC56FC95C66435F5Full, 6166052815597422568ull, 18367490872248087831ull};
    for (const numerics mode : all_numerics) {
        scorer engine(m.with_mode(mode));
        const floats logits = score(engine, random_ids(m, 50, 8));
        std::uint64_t hash = 0xCBF29CE484222325ull;
        for (const std::byte b : std::as_bytes(std::span(logits)))
            hash = (hash ^ std::to_integer<std::uint64_t>(b)) * 0x100000001B3ull;
        CHECK(hash == expected[static_cast<std::size_t>(mode)]);
    }
}

TEST_CASE("decoding, any cut of the prompt and any number of threads give the bits of one pass") {
    const model weights = load_tiny({.type = dtype::q8_0});
    const std::size_t v = weights.config().n_vocab;
    const ids tokens = random_ids(weights, 300, 7);  // more than one row tile
    for (const numerics mode : all_numerics) {
        const model m = weights.with_mode(mode);
        scorer one(m);
        const floats whole = score(one, tokens);
        auto cache = kv_cache::create(m, 300);
        REQUIRE(cache.ok());
        unsigned n_threads = 0;
        for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{299}}) {
            scorer engine(m, nullptr, ++n_threads);
            REQUIRE(cache->truncate(0).ok());
            for (std::size_t t = 0; t < tokens.size(); t += step) {
                const std::size_t n = std::min(step, tokens.size() - t);
                const ids part(tokens.begin() + static_cast<std::ptrdiff_t>(t),
                               tokens.begin() + static_cast<std::ptrdiff_t>(t + n));
                const floats got = score(engine, part, &*cache);
                INFO(numerics_name(mode) << " step " << step << " at " << t);
                CHECK(same_bits(got, std::span(whole).subspan(t * v, n * v)));
            }
            CHECK(cache->n_past() == tokens.size());
        }
        scorer seven(m, nullptr, 7);
        CHECK(same_bits(score(seven, tokens), whole));
    }
}

TEST_CASE("a batch of sequences gives the bits of each alone, caches forked and rewound included") {
    const model m = load_tiny();
    scorer engine(m);
    std::vector<ids> all;
    for (const std::size_t n : {1u, 40u, 150u, 3u, 65u, 200u}) all.push_back(random_ids(m, n, n));
    std::vector<batch_item> batch;
    std::size_t n_rows = 0;
    for (const ids& tokens : all) {
        batch.push_back({tokens, nullptr});
        n_rows += tokens.size();
    }
    floats hidden(n_rows * m.config().d_model);
    REQUIRE(engine.hidden(batch, hidden).ok());
    const floats together = logits_of(engine, hidden);
    std::size_t at = 0;
    for (const ids& tokens : all) {
        const floats alone = score(engine, tokens);
        CHECK(same_bits(alone, std::span(together).subspan(at, alone.size())));
        at += alone.size();
    }

    auto cache = kv_cache::create(m, 220), fork = kv_cache::create(m, 210);
    REQUIRE(cache.ok());
    REQUIRE(fork.ok());
    score(engine, all[2], &*cache);
    score(engine, all[4], &*cache);
    REQUIRE(fork->copy_prefix(*cache, 100).ok());
    const ids rest(all[2].begin() + 100, all[2].end());
    const floats whole = score(engine, all[2]);
    CHECK(same_bits(score(engine, rest, &*fork), std::span(whole).subspan(100 * m.config().n_vocab)));
    CHECK(fork->copy_prefix(*cache, 216).code() == errc::arg);
}

TEST_CASE("any number of threads gives the same bits") {
    const model m = load_tiny();
    std::vector<floats> first;
    for (const unsigned n_threads : {1u, 2u, 7u}) {
        std::vector<floats> rows(12);
        const status s = parallel_for(n_threads, rows.size(), [&](unsigned, std::size_t i) {
            scorer engine(m);
            const ids tokens = random_ids(m, 10 + 11 * i, i);
            rows[i].resize(tokens.size() * m.config().d_model);
            const batch_item item{tokens, nullptr};
            return engine.hidden({&item, 1}, rows[i]);
        });
        REQUIRE(s.ok());
        if (first.empty()) first = rows;
        for (std::size_t i = 0; i < rows.size(); ++i) CHECK(same_bits(rows[i], first[i]));
    }
}

TEST_CASE("greedy continuation of many prompts equals scoring what it said") {
    const model m = load_tiny();
    const std::size_t v = m.config().n_vocab;
    scorer engine(m);
    std::vector<generation> items;
    for (std::size_t i = 0; i < 5; ++i) items.push_back({random_ids(m, 3 + 9 * i, 20 + i), 5 + 4 * i});
    std::vector<floats> seen(5);
    generate_options options;
    options.max_batch = 2;  // three wait until others end
    options.on_row = [&](std::size_t item, std::size_t, std::span<const float>, std::span<const float> row) {
        seen[item].insert(seen[item].end(), row.begin(), row.end());
    };
    REQUIRE(generate(m, items, options).ok());
    for (std::size_t i = 0; i < 5; ++i) {
        ids all = items[i].prompt;
        all.insert(all.end(), items[i].tokens.begin(), items[i].tokens.end());
        CHECK((items[i].ended || items[i].tokens.size() == items[i].max_tokens));
        const floats logits = score(engine, all);
        CHECK(
            same_bits(seen[i], std::span(logits).subspan((items[i].prompt.size() - 1) * v, seen[i].size())));
        for (std::size_t step = 0; step < items[i].tokens.size(); ++step)
            CHECK(items[i].tokens[step] == argmax(std::span(seen[i]).subspan(step * v, v)));
    }
}

TEST_CASE("argmax takes the lowest id on ties") {
    const float row[] = {1, 3, 2, 3};
    CHECK(argmax(row) == 1);
}

TEST_CASE("calls that cannot be answered say why and change nothing") {
    const model m = load_tiny();
    scorer engine(m);
    auto cache = kv_cache::create(m, 8);
    REQUIRE(cache.ok());
    const auto run = [&](const ids& tokens, kv_cache* c, std::size_t n_rows) {
        floats out(n_rows * m.config().d_model);
        const batch_item item{tokens, c};
        return engine.hidden({&item, 1}, out);
    };
    CHECK(run({1, 2, 3}, &*cache, 3).ok());
    CHECK(run({-1}, &*cache, 1).code() == errc::arg);
    CHECK(run({static_cast<std::int32_t>(m.config().n_vocab)}, &*cache, 1).code() == errc::arg);
    CHECK(run({1}, &*cache, 2).code() == errc::shape);
    CHECK(run({}, &*cache, 0).code() == errc::empty);
    CHECK(run(ids(6, 1), &*cache, 6).code() == errc::arg);
    CHECK(run(ids(513, 1), nullptr, 513).code() == errc::arg);
    auto shallow = kv_cache::create(load_tiny({.n_layers = 1}), 8);
    CHECK(run({1}, &*shallow, 1).code() == errc::shape);
    CHECK(cache->n_past() == 3);
    CHECK(cache->truncate(4).code() == errc::arg);
    CHECK(kv_cache::create(m, 0).status().code() == errc::arg);
    CHECK(kv_cache::create(m, 513).status().code() == errc::arg);
}
