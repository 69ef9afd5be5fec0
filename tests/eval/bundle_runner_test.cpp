// How items are bundled changes no number: one after another in rewound caches (the chain of long prompts),
// all at once, or each alone.
#include <qslip/detail/json/json_writer.hpp>

#include <doctest/doctest.h>
#include <numeric>

#include "eval/bundle_runner.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;

namespace {

constexpr std::size_t max_tokens = 5;

/// Prompts in an order that makes a chain keep a long beginning, a short one, all, and nothing.
std::vector<std::string> chained_prompts() {
    const std::string page = "the fact is 12 and the rest of this page says nothing of it; ";
    const std::string begin = page + page + page;
    return {begin + "what is the fact",       // the first
            begin + "what is the fact",       // the same again: one token is computed
            begin + "tell the fact, please",  // a longer beginning in common than the next
            page,                             // what the one before begins with
            begin + "what is the fact in the page, and where is it",
            "another thing"};  // nothing in common
}

struct outcome {
    std::vector<std::vector<item_result>> items;
    std::vector<candidate_part> parts;
    std::uint64_t forward_tokens;
};

class bundling {
    test::temp_folder folder_;

    model open(const std::string& name, const test::tiny_model_options& options) {
        return test::load_tiny_model(folder_.file(name), options);
    }

public:
    bundling() {
        setup.candidates = {open("damaged.gguf", {.damage = 1.0f}), open("q8.gguf", {.type = dtype::q8_0})};
        setup.n_vocab = setup.base.vocab().n_vocab();
        std::string lines;
        for (const auto& prompt : chained_prompts()) {
            json_writer w(lines);
            w.begin_object().member("id", std::to_string(n_items++)).member("prompt", prompt);
            w.member("max_tokens", max_tokens).key("task").begin_object();
            w.member("type", "contains").member("answer", "e").end_object().end_object();
            lines += '\n';
        }
        auto items = suite::from_text(lines);
        REQUIRE_MESSAGE(items.ok(), items.status().message());
        const auto prompts = prompt_encoder::create(setup.base, *items);
        REQUIRE_MESSAGE(prompts.ok(), prompts.status().message());
        auto made =
            suite_workload(*items, slice_registry::standard(), *prompts, setup.base.config().context_length);
        REQUIRE_MESSAGE(made.ok(), made.status().message());
        work = *std::move(made);
        setup.work = work.get();
    }

    outcome run(const std::vector<std::vector<std::size_t>>& bundles, std::size_t cache_tokens) {
        setup.cache_tokens = cache_tokens;
        bundle_runner runner(setup);
        outcome out;
        out.items.assign(setup.candidates.size(), std::vector<item_result>(n_items));
        for (const auto& bundle : bundles) {
            const auto done = runner.run(bundle, out.items);
            REQUIRE_MESSAGE(done.ok(), done.message());
        }
        out.parts = runner.take_parts();
        out.forward_tokens = runner.forward_tokens();
        return out;
    }

    run_setup setup{open("base.gguf", {}), {}, nullptr, 0, {}, 0};
    std::unique_ptr<workload> work;
    std::size_t n_items = 0;
};

void check_same(const outcome& a, const outcome& b) {
    for (std::size_t c = 0; c < a.parts.size(); ++c) {
        for (std::size_t s = 0; s < a.parts[c].slices.size(); ++s) {
            CHECK(a.parts[c].slices[s].positions == b.parts[c].slices[s].positions);
            CHECK(a.parts[c].slices[s].answers == b.parts[c].slices[s].answers);
            CHECK(a.parts[c].slices[s].prompts == b.parts[c].slices[s].prompts);
        }
        for (std::size_t i = 0; i < a.items[c].size(); ++i) {
            const auto &x = a.items[c][i], &y = b.items[c][i];
            CAPTURE(i);
            CHECK(x.base_text == y.base_text);
            CHECK(x.cand_text == y.cand_text);
            CHECK(x.kl_sum_nats == y.kl_sum_nats);
            CHECK(x.kl_max_nats == y.kl_max_nats);
            CHECK(x.flips == y.flips);
            CHECK(x.slip.has_value() == y.slip.has_value());
        }
    }
}

}  // namespace

TEST_CASE("a chain of prompts, all at once, and each alone give the same numbers") {
    bundling b;
    std::vector<std::size_t> all(b.n_items);
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::vector<std::vector<std::size_t>> singly;
    for (const auto i : all) singly.push_back({i});
    constexpr std::size_t plenty = 1'000'000, none = 1;
    const auto alone = b.run(singly, none), chain = b.run({all}, none), at_once = b.run({all}, plenty);
    check_same(alone, chain);
    check_same(alone, at_once);
    std::uint64_t flips = 0;
    for (const auto& item : alone.items[0]) flips += item.flips;
    CHECK(flips > 0);  // the damaged candidate left the base's path: its caches were rewound to an answer

    // What the chain saved: every prompt's beginning that the one before has, for each of the three models.
    std::uint64_t saved = 0;
    std::vector<std::int32_t> before;
    for (const auto i : all) {
        const auto item = b.work->get(i);
        REQUIRE(item.ok());
        const auto& now = item->tokens;
        std::size_t common = 0;
        while (common < before.size() && common + 1 < now.size() && before[common] == now[common]) ++common;
        saved += common;
        before = now;
    }
    CHECK(saved > 150);
    CHECK(alone.forward_tokens - chain.forward_tokens == 3 * saved);
}
