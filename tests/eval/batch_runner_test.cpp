// How items are batched changes no number: one after another in the same caches, all at once, or each alone.
#include <qslip/detail/json/json_writer.hpp>

#include <doctest/doctest.h>
#include <numeric>

#include "eval/arms/engine_arm.hpp"
#include "eval/prompt_encoder.hpp"
#include "eval/run/batch_runner.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;

namespace {

constexpr std::size_t max_tokens = 5;

/// In an order that makes rewound caches keep a long beginning, a short one, all, and nothing.
std::vector<std::string> overlapping_prompts() {
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
    std::vector<candidate_result> parts;
    std::uint64_t forward_tokens;
};

class batching {
    test::temp_folder folder_;

    model open(const std::string& name, const test::tiny_model_options& options) {
        return test::load_tiny_model(folder_.file(name), options);
    }

public:
    batching() {
        setup.candidates = {&damaged, &q8};
        std::string lines;
        for (const auto& prompt : overlapping_prompts()) {
            json_writer w(lines);
            w.begin_object().member("id", std::to_string(n_items++)).member("prompt", prompt);
            w.member("max_tokens", max_tokens).key("task").begin_object();
            w.member("type", "contains").member("answer", "e").end_object().end_object();
            lines += '\n';
        }
        auto items = suite::from_text(lines);
        REQUIRE_MESSAGE(items.ok(), items.status().message());
        const auto prompts = prompt_encoder::create(*base.engine(), *items);
        REQUIRE_MESSAGE(prompts.ok(), prompts.status().message());
        auto made = suite_workload(*items, slice_registry::standard(), *prompts,
                                   base.engine()->config().context_length);
        REQUIRE_MESSAGE(made.ok(), made.status().message());
        work = *std::move(made);
        setup.work = work.get();
    }

    outcome run(const std::vector<std::vector<std::size_t>>& batches, std::size_t cache_tokens) {
        setup.cache_tokens = cache_tokens;
        auto runner = batch_runner::create(setup);
        REQUIRE_MESSAGE(runner.ok(), runner.status().message());
        outcome out;
        out.items.assign(setup.candidates.size(), std::vector<item_result>(n_items));
        for (const auto& batch : batches) {
            const auto done = (*runner)->run(batch, out.items);
            REQUIRE_MESSAGE(done.ok(), done.message());
        }
        for (const auto& seen : (*runner)->take_observers()) {
            auto& part = out.parts.emplace_back();
            part.slices.resize(work->plan().slices().size());
            seen.describe(part);
        }
        out.forward_tokens = (*runner)->forward_tokens();
        return out;
    }

    engine_arm base{open("base.gguf", {})}, damaged{open("damaged.gguf", {.damage = 1.0f})},
        q8{open("q8.gguf", {.type = dtype::q8_0})};
    run_setup setup{&base, {}, nullptr, base.engine()->vocab(), base.engine()->active_isa()};
    std::unique_ptr<workload> work;
    std::size_t n_items = 0;
};

void check_same_item(const item_result& x, const item_result& y) {
    CHECK(x.base_text == y.base_text);
    CHECK(x.cand_text == y.cand_text);
    CHECK(x.kl_sum_nats == y.kl_sum_nats);
    CHECK(x.kl_max_nats == y.kl_max_nats);
    CHECK(x.flips == y.flips);
    CHECK(x.slip.has_value() == y.slip.has_value());
}

void check_same(const outcome& a, const outcome& b) {
    for (std::size_t c = 0; c < a.parts.size(); ++c) {
        for (std::size_t s = 0; s < a.parts[c].slices.size(); ++s) {
            CHECK(a.parts[c].slices[s].positions == b.parts[c].slices[s].positions);
            CHECK(a.parts[c].slices[s].outcomes == b.parts[c].slices[s].outcomes);
            CHECK(a.parts[c].slices[s].prompts == b.parts[c].slices[s].prompts);
        }
        for (std::size_t i = 0; i < a.items[c].size(); ++i) {
            CAPTURE(i);
            check_same_item(a.items[c][i], b.items[c][i]);
        }
    }
}

}  // namespace

TEST_CASE("one after another, all at once, and each alone give the same numbers") {
    batching b;
    std::vector<std::size_t> all(b.n_items);
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::vector<std::vector<std::size_t>> singly;
    for (const auto i : all) singly.push_back({i});
    constexpr std::size_t plenty = 1'000'000, none = 1;
    const auto sequel = b.run({all}, none), singly_after = b.run(singly, none),
               at_once = b.run({all}, plenty);
    check_same(sequel, singly_after);
    check_same(sequel, at_once);
    CHECK(sequel.forward_tokens == singly_after.forward_tokens);
    std::uint64_t forward_tokens_alone = 0;
    for (const auto i : all) {
        const auto alone = b.run({{i}}, plenty);
        for (std::size_t c = 0; c < alone.items.size(); ++c)
            check_same_item(alone.items[c][i], sequel.items[c][i]);
        forward_tokens_alone += alone.forward_tokens;
    }
    std::uint64_t flips = 0;
    for (const auto& item : sequel.items[0]) flips += item.flips;
    CHECK(flips > 0);  // the damaged candidate left the base's path: its caches were rewound to an answer

    // What the rewound caches saved: every prompt's beginning that the one before has, for each of the three
    // models.
    std::uint64_t saved = 0;
    std::span<const std::int32_t> before;
    for (const auto i : all) {
        const auto now = b.work->get(i).tokens;
        std::size_t common = 0;
        while (common < before.size() && common + 1 < now.size() && before[common] == now[common]) ++common;
        saved += common;
        before = now;
    }
    CHECK(saved > 150);
    CHECK(forward_tokens_alone - sequel.forward_tokens == 3 * saved);
}
