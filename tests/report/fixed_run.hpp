#pragma once
// One small run, always the same: what the report tests tell of.
#include <qslip/detail/core/rng.hpp>
#include <qslip/report.hpp>

#include <doctest/doctest.h>

#include "eval/evidence.hpp"

namespace qslip::test {

/// One slice of the fixed run. Its name holds what Markdown, XML and Prometheus must escape.
struct part {
    const char* tag;
    std::size_t n_items;
    std::size_t breaks_every;  ///< the candidate breaks every such item; 0: none
};
inline constexpr part parts[] = {{"numbers", 150, 5}, {"prose", 120, 0}, {"thin|<&\"*\"", 8, 4}};
inline constexpr std::size_t positions_per_item = 3;

/// Multiples of 2^-10 only: the means of the report depend on no library's rounding.
inline position_values position_of(std::uint64_t draw, bool flips) {
    const auto fraction = [&](unsigned shift) { return static_cast<double>(draw >> shift & 1023) / 1024; };
    position_values v;
    v.kl_fwd_nats = fraction(0);
    v.kl_rev_nats = fraction(3);
    v.js_nats = fraction(5) / 2;
    v.tv = fraction(7) / 2;
    v.entropy_base_nats = 2 + fraction(11);
    v.entropy_cand_nats = 2 + fraction(13);
    v.has_target = v.has_margin = true;
    v.nll_base_nats = 1 + fraction(17);
    v.nll_cand_nats = 1 + fraction(19);
    v.dp = fraction(23) - 0.5;
    v.margin_nats = 5 * fraction(29);
    v.top1_base = 7;
    v.top1_cand = flips ? 8 : 7;
    return v;
}

inline item_result item_of(const part& p, std::size_t i, bool broken) {
    item_result r;
    r.id = std::string(p.tag) + "/" + std::to_string(i);
    r.has_task = r.base_right = true;
    r.cand_right = !broken;
    r.positions = positions_per_item;
    r.base_text = " 42\n";
    r.cand_text = broken ? " 41 \"|\x01" : r.base_text;
    r.kl_max_nats = static_cast<double>(i % 16) / 16;
    r.kl_sum_nats = 2 * r.kl_max_nats;
    if (!broken) return r;
    r.flips = 1;
    r.slip = first_slip{1, "2", "1", 0.25};
    return r;
}

inline void run_item(const part& p, std::size_t i, run_plan& plan, candidate_result& c) {
    const std::vector<std::string> tags{p.tag};
    const item_traits traits{&tags, "en", "", 12};
    const auto cluster = c.items.size() / 2;
    const bool broken = p.breaks_every > 0 && i % p.breaks_every == 0;
    const auto in = plan.slices_of(traits);
    plan.add_item(in, std::vector{metric::task_correct}, cluster);
    const counter_rng rng(c.items.size());
    for (const auto s : in.whole) {
        ++c.slices[s].prompts;
        c.slices[s].outcomes.add(metric::task_correct, cluster, true, !broken);
        for (std::size_t k = 0; k < positions_per_item; ++k)
            c.slices[s].positions.add(position_of(rng.at(k), broken && k == 1), cluster);
    }
    c.items.push_back(item_of(p, i, broken));
}

/// The floor is 2^-20 of the rest.
inline void sample_modes(mode_sample& sample) {
    const counter_rng rng(99);
    for (std::size_t i = 0; i < 200; ++i) {
        auto v = position_of(rng.at(i), i % 40 == 0);
        sample.weights.add(v, i / 10);
        sample.deployed.add(position_of(rng.at(i + 1000), i % 20 == 0), i / 10);
        v.kl_fwd_nats *= 0x1p-20;
        v.top1_cand = v.top1_base;
        sample.floor.add(v, i / 10);
    }
}

/// 2 layers of 2 heads; multiples of 2^-10.
inline void attend(metrics::attention_shift& seen) {
    for (std::size_t item = 0; item < 3; ++item) {
        std::vector<metrics::attention_shift::head_sums> heads;
        for (std::size_t h = 0; h < 4; ++h) {
            const auto x = static_cast<double>(h + item) / 64;
            heads.push_back({x, 8 + x, 8 + 2 * x, 16 * x, 20 * x});
        }
        seen.add(2, heads, 8 + 4 * item);
    }
}

inline run_result fixed_run() {
    slice_registry registry;
    registry.gate("all", "task_correct", {.budget = 0.03}).guard("*", "task_correct", {.budget = 0.10});
    registry.tripwire("*", "token_flip", {.limit = 0.03}).info("all", "kl_fwd_nats");
    run_plan plan(registry, {parts[0].tag, parts[1].tag, parts[2].tag});
    run_result run;
    run.manifest = {.settings = {},
                    .source = "suite",
                    .tokenizer_digest = std::string(64, 'a'),
                    .suite_digest = std::string(64, 'b'),
                    .registry_digest = registry.digest(),
                    .chat_template = "none",
                    .prompts_digest = "",
                    .adds_bos = true,
                    .n_vocab = 1000,
                    .limits = {}};
    run.manifest.settings.mode_base = numerics::f32;
    run.manifest.settings.measure = {"attention"};
    run.base = {"/somewhere/base.gguf", "tiny", "F16", std::string(64, 'c'), 16, 3'000'000};
    run.notes = {"cand has more bits (16.5) than the base (16.0): swapped?"};
    auto& c = run.candidates.emplace_back();
    c.arm = {"/elsewhere/cand.gguf", "tiny", "Q8_0", std::string(64, 'd'), 16.5, 3'100'000};
    c.slices.resize(plan.slices().size());
    for (const auto& p : parts)
        for (std::size_t i = 0; i < p.n_items; ++i) run_item(p, i, plan, c);
    c.mode = numerics::a16;
    sample_modes(c.sample);
    attend(c.attention);
    c.resolution.assign(c.slices.size(), below_resolution::no);
    c.resolution.back() = below_resolution::rerun;
    REQUIRE(plan.finish().ok());
    run.slices = plan.slices();
    auto release = decide_candidate(plan, c, 1, false);
    REQUIRE_MESSAGE(release.ok(), release.status().message());
    c.release = *std::move(release);
    c.release.cells.back().below_resolution = c.release.cells.back().rerun_f32 = true;
    return run;
}

}  // namespace qslip::test
