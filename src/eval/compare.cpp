#include <qslip/baseline.hpp>
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/core/text.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "eval/bundle_runner.hpp"
#include "eval/capsule_state.hpp"
#include "eval/describe_run.hpp"
#include "eval/evidence.hpp"
#include "eval/prompt_encoder.hpp"
#include "eval/run_driver.hpp"
#include "eval/workload.hpp"
#include "formats/gguf.hpp"

namespace qslip {

status check_same_vocabulary(const model& base, const model& cand) {
    const auto &a = base.vocab(), &b = cand.vocab();
    if (a.digest() == b.digest()) return {};
    if (a.n_vocab() != b.n_vocab())
        return {errc::not_comparable,
                "vocabularies differ (" + grouped(a.n_vocab()) + " and " + grouped(b.n_vocab()) +
                    " tokens): these are not two versions of one model. KL and flips need the "
                    "same vocabulary"};
    return {errc::not_comparable,
            "vocabularies differ: " + a.first_difference(b) +
                ". These are not two versions of one model. KL and flips need the same vocabulary"};
}

namespace {

void add_notes(run_result& r, const model_identity& cand) {
    if (cand.sha256 == r.base.sha256)
        r.notes.push_back("both files have sha256 " + cand.sha256.substr(0, 4) +
                          "...: this is a noise-floor run");
    else if (cand.bits_per_weight > r.base.bits_per_weight + 0.05) {
        char text[128];
        std::snprintf(text, sizeof text, "candidate has more bits (%.1f) than base (%.1f): swapped?",
                      cand.bits_per_weight, r.base.bits_per_weight);
        r.notes.emplace_back(text);
    }
}

/// One template renders for all arms: the base's.
void add_template_notes(const model& base, std::span<const model> candidates, run_result& r) {
    const auto source = [](const model& m) {
        const auto found = m.gguf().get_string("tokenizer.chat_template");
        return found ? std::string(*found) : std::string();
    };
    for (const auto& c : candidates)
        if (source(c) != source(base))
            r.notes.push_back("chat templates differ: the base's renders the prompts of both");
}

/// Opens the arms' books: what they are, whether they fit together.
result<run_result> describe_run(const model& base, std::span<const model> candidates,
                                const slice_registry& registry, const compare_options& options) {
    if (candidates.empty()) return status(errc::arg, "no candidate to compare");
    QSLIP_CHECK(registry.check());
    run_result out;
    QSLIP_CHECK(describe_base(base, options.mode_base, out));
    for (const auto& c : candidates) {
        QSLIP_CHECK(check_same_vocabulary(base, c));
        if (std::min(base.config().n_vocab, c.config().n_vocab) < base.vocab().n_vocab())
            return status(errc::shape, "the embedding has fewer rows than the vocabulary has tokens");
        QSLIP_TRY(auto arm, describe(c));
        add_notes(out, arm);
        if (options.attention) QSLIP_CHECK(check_same_attention(base.config(), c.config()));
        auto& made = out.candidates.emplace_back();
        made.mode = options.mode.value_or(arm.sha256 == out.base.sha256 ? options.mode_base : numerics::a16);
        made.arm = std::move(arm);
    }
    out.manifest.registry_digest = registry.digest();
    out.manifest.seed = options.seed;
    out.manifest.attention = options.attention;
    out.manifest.limits = options.limits;
    return out;
}

std::size_t min_context(const model& base, std::span<const model> candidates) {
    std::size_t least = base.config().context_length;
    for (const auto& c : candidates) least = std::min(least, c.config().context_length);
    return least;
}

/// Positions of each item to run in the other modes too: about 1 % of all, at least 200 where there are so
/// many. Items come in an order that a hash of each decides, whole but for the last.
std::vector<std::uint64_t> choose_sample(const std::vector<item_shape>& shapes) {
    constexpr std::uint64_t min_positions = 200, one_in = 100;
    std::vector<std::size_t> order(shapes.size());
    std::uint64_t wanted = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
        wanted += shapes[i].positions();
    }
    wanted = std::max(min_positions, wanted / one_in);
    std::ranges::stable_sort(order, {},
                             [&](std::size_t i) { return mix64(mix64(shapes[i].prefix_key) + i); });
    std::vector<std::uint64_t> chosen(shapes.size());
    for (const std::size_t i : order) {
        chosen[i] = std::min(wanted, shapes[i].positions());
        wanted -= chosen[i];
    }
    return chosen;
}

/// Slices whose mean KL the rounding of A16 activations could have made. A8 is measured as it is deployed:
/// its slices are marked only.
void find_below_resolution(const run_result& out, candidate_result& c) {
    c.resolution.assign(c.slices.size(), below_resolution::no);
    const bool same_run = c.arm.sha256 == out.base.sha256 && c.mode == out.manifest.mode_base;
    const auto least = c.sample.resolution_nats();
    if (!least || same_run) return;
    const bool may_rerun = c.mode == numerics::a16 && out.manifest.mode_base == numerics::f32;
    for (std::size_t s = 0; s < c.slices.size(); ++s) {
        const auto kl = c.slices[s].positions.summary(metric::kl_fwd_nats);
        if (kl && kl->mean < *least)
            c.resolution[s] = may_rerun ? below_resolution::rerun : below_resolution::marked;
    }
}

/// The items of a candidate's slices that are to be run again; empty when there are none.
result<std::vector<bool>> items_to_rerun(const workload& work, const candidate_result& c) {
    std::vector<bool> chosen(work.shapes().size());
    const auto again = [&](std::uint32_t s) { return c.resolution[s] == below_resolution::rerun; };
    bool any = false;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        QSLIP_TRY(const auto item, work.get(i));
        chosen[i] =
            std::ranges::any_of(item.slices, again) || std::ranges::any_of(item.position_slices, again);
        any |= chosen[i];
    }
    return any ? chosen : std::vector<bool>();
}

/// Runs the slices below the resolution again, in F32, and puts those positions in their place.
status rerun_below_resolution(const run_setup& first, const compare_options& options, std::size_t index,
                              run_result& out) {
    auto& c = out.candidates[index];
    if (std::ranges::find(c.resolution, below_resolution::rerun) == c.resolution.end()) return {};
    QSLIP_TRY(const auto chosen, items_to_rerun(*first.work, c));
    run_setup setup = first;
    setup.candidates = {first.candidates[index].with_mode(numerics::f32)};
    setup.sampled_positions.clear();
    setup.attention = false;
    run_result again;
    again.candidates.emplace_back();
    QSLIP_CHECK(run_driver(setup, options.threads, options.on_progress).run(again, chosen));
    for (std::size_t s = 0; s < c.slices.size(); ++s)
        if (c.resolution[s] == below_resolution::rerun)
            c.slices[s].positions = std::move(again.candidates.front().slices[s].positions);
    out.facts.forward_tokens += again.facts.forward_tokens;
    return {};
}

/// Cells of distances say what became of their slice.
void mark_cells(const std::vector<run_slice>& slices, candidate_result& c) {
    for (auto& cell : c.release.cells) {
        const auto info = find_metric(cell.metric);
        const auto slice = std::ranges::find(slices, cell.slice, &run_slice::name);
        if (!info || info->use != metric_use::displacement || slice == slices.end()) continue;
        const auto seen = c.resolution[static_cast<std::size_t>(slice - slices.begin())];
        cell.below_resolution = seen != below_resolution::no;
        cell.rerun_f32 = seen == below_resolution::rerun;
    }
}

/// Beside a capsule the base only turns rows into logits, unless it is asked about broken answers or
/// attention.
model_part part_of_base(const compare_options& options, const run_result& run) {
    const bool may_break = run.items && !run.items->tiers().empty();
    const bool reads = options.baseline == nullptr || options.attention || may_break;
    return reads ? model_part::all : model_part::head;
}

status run_and_decide(model base, std::span<const model> candidates, const workload& work,
                      const compare_options& options, bool missing_fails, run_result& out) {
    const auto start = std::chrono::steady_clock::now();
    run_setup setup{base.with_mode(options.mode_base),
                    {candidates.begin(), candidates.end()},
                    &work,
                    base.vocab().n_vocab(),
                    options.limits};
    setup.sampled_positions = choose_sample(work.shapes());
    setup.attention = options.attention;
    if (options.baseline != nullptr) {
        QSLIP_CHECK(check_capsule(*options.baseline, base, work.shapes().size(), out));
        setup.source = &options.baseline->internals();
    }
    std::optional<run_journal> journal;
    if (!options.journal.empty()) {
        QSLIP_TRY(auto opened, run_journal::open(options.journal, run_fields(out, base, work.shapes().size()),
                                                 options.limits));
        journal.emplace(std::move(opened));
    }
    QSLIP_CHECK(setup.base.load(part_of_base(options, out), options.threads));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        setup.candidates[i] = setup.candidates[i].with_mode(out.candidates[i].mode);
        QSLIP_CHECK(setup.candidates[i].load(model_part::all, options.threads));
    }
    out.slice_names = work.plan().slices();
    QSLIP_CHECK(run_driver(setup, options.threads, options.on_progress)
                    .run(out, {}, journal ? &*journal : nullptr, options.on_resume));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        find_below_resolution(out, out.candidates[i]);
        QSLIP_CHECK(rerun_below_resolution(setup, options, i, out));
    }
    QSLIP_CHECK(setup.base.gguf().file().unchanged());
    for (auto& c : setup.candidates) QSLIP_CHECK(c.gguf().file().unchanged());
    for (auto& c : out.candidates) {
        QSLIP_TRY(c.release, decide(work.plan(), c, out.candidates.size(), missing_fails));
        mark_cells(out.slice_names, c);
        out.facts.scored_positions += c.slices.front().positions.n_positions();
    }
    out.facts.isa = isa_name(setup.base.active_isa());
    out.facts.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return {};
}

}  // namespace

result<run_result> compare(model base, std::span<const model> candidates, const suite& items,
                           const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(auto out, describe_run(base, candidates, registry, options));
    QSLIP_TRY(auto prompts, prompt_encoder::create(base, items, options.rendered, options.limits));
    out.prompts = std::make_shared<const prompt_encoder>(std::move(prompts));
    QSLIP_TRY(const auto work, suite_workload(items, registry, *out.prompts, min_context(base, candidates)));
    if (items.has_chat()) add_template_notes(base, candidates, out);
    describe_suite(items, *out.prompts, *work, out.manifest);
    out.items = items;
    QSLIP_CHECK(run_and_decide(base, candidates, *work, options, registry.missing_fails(), out));
    QSLIP_CHECK(items.unchanged());
    return out;
}

result<run_result> compare_text(model base, std::span<const model> candidates, std::string_view text,
                                const std::string& name, const text_options& how,
                                const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(auto out, describe_run(base, candidates, registry, options));
    std::uint64_t tail_tokens = 0;
    QSLIP_TRY(const auto work, text_workload(text, name, how, registry, base.vocab(),
                                             min_context(base, candidates), tail_tokens));
    describe_text(text, how, out.manifest);
    for (auto& c : out.candidates) c.exclusions.tail_tokens = tail_tokens;
    QSLIP_CHECK(run_and_decide(base, candidates, *work, options, registry.missing_fails(), out));
    return out;
}

}  // namespace qslip
