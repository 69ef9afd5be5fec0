#include <qslip/baseline.hpp>
#include <qslip/detail/core/text.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "eval/evidence.hpp"
#include "eval/observers/observer.hpp"
#include "eval/prompt_encoder.hpp"
#include "eval/run/comparison.hpp"
#include "eval/run/run_identity.hpp"
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
        r.notes.push_back(cand.stem() + ": both files have sha256 " + cand.sha256.substr(0, 4) +
                          "...: this is a noise-floor run");
    else if (cand.bits_per_weight > r.base.bits_per_weight + 0.05) {
        char bits[96];
        std::snprintf(bits, sizeof bits, "more bits (%.1f) than the base (%.1f): swapped?",
                      cand.bits_per_weight, r.base.bits_per_weight);
        r.notes.push_back(cand.stem() + " has " + bits);
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

/// A capsule's rows were made in its numerics: no other are asked for unless someone does.
void take_mode_of_capsule(const compare_options& options, run_settings& settings) {
    if (options.baseline == nullptr || settings.mode_base) return;
    const auto* stored = run_header::find_field(options.baseline->fields(), "mode_base");
    if (stored != nullptr) settings.mode_base = find_numerics(*stored);
}

/// What is compared, and whether it fits together.
result<run_result> describe_run(const model& base, std::span<const model> candidates,
                                const slice_registry& registry, const compare_options& options) {
    if (candidates.empty()) return status(errc::arg, "no candidate to compare");
    QSLIP_CHECK(registry.check());
    QSLIP_CHECK(check_measurements(options.measure));
    run_settings settings;
    copy_settings(options, settings);
    take_mode_of_capsule(options, settings);
    run_result out;
    QSLIP_CHECK(describe_base(base, settings, options.limits, out));
    const auto mode_base = *out.manifest.settings.mode_base;
    const bool attention = std::ranges::find(options.measure, "attention") != options.measure.end();
    for (const auto& c : candidates) {
        QSLIP_CHECK(check_same_vocabulary(base, c));
        if (std::min(base.config().n_vocab, c.config().n_vocab) < base.vocab().n_vocab())
            return status(errc::shape, "the embedding has fewer rows than the vocabulary has tokens");
        QSLIP_TRY(auto identity, describe(c));
        add_notes(out, identity);
        if (attention) QSLIP_CHECK(check_same_attention(base.config(), c.config()));
        auto& made = out.candidates.emplace_back();
        made.mode = options.mode.value_or(identity.sha256 == out.base.sha256 ? mode_base : numerics::a16);
        made.arm = std::move(identity);
    }
    out.manifest.registry_digest = registry.digest();
    return out;
}

std::size_t min_context(const model& base, std::span<const model> candidates) {
    std::size_t least = base.config().context_length;
    for (const auto& c : candidates) least = std::min(least, c.config().context_length);
    return least;
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

status run_and_decide(const model& base, std::span<const model> candidates, const workload& work,
                      const compare_options& options, const arm_wrapper& wrap, bool missing_fails,
                      run_result& out) {
    const auto start = std::chrono::steady_clock::now();
    QSLIP_CHECK(run_comparison(base, candidates, work, options, wrap, out));
    for (auto& c : out.candidates) {
        QSLIP_TRY(c.release, decide_candidate(work.plan(), c, out.candidates.size(), missing_fails));
        mark_cells(out.slices, c);
        out.facts.scored_positions += c.slices.front().positions.n_positions();
    }
    out.facts.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return {};
}

}  // namespace

result<run_result> compare_wrapped(const model& base, std::span<const model> candidates, const suite& items,
                                   const slice_registry& registry, const compare_options& options,
                                   const arm_wrapper& wrap) {
    QSLIP_TRY(auto out, describe_run(base, candidates, registry, options));
    QSLIP_TRY(auto prompts, prompt_encoder::create(base, items, options.rendered, options.limits));
    out.prompts = std::make_shared<const prompt_encoder>(std::move(prompts));
    QSLIP_TRY(const auto work, suite_workload(items, registry, *out.prompts, min_context(base, candidates)));
    if (items.has_chat()) add_template_notes(base, candidates, out);
    describe_suite(items, *out.prompts, *work, out.manifest);
    out.suite = items;
    QSLIP_CHECK(run_and_decide(base, candidates, *work, options, wrap, registry.missing_fails(), out));
    QSLIP_CHECK(items.unchanged());
    return out;
}

result<run_result> compare(model base, std::span<const model> candidates, const suite& items,
                           const slice_registry& registry, const compare_options& options) {
    return compare_wrapped(base, candidates, items, registry, options, {});
}

result<run_result> compare(model base, std::span<const model> candidates, const text_source& text,
                           const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(auto out, describe_run(base, candidates, registry, options));
    std::uint64_t tail_tokens = 0;
    QSLIP_TRY(const auto work, text_workload(text, out.manifest.settings, registry, base.vocab(),
                                             min_context(base, candidates), tail_tokens));
    describe_text(text.text, out.manifest);
    for (auto& c : out.candidates) c.exclusions[metrics::exclusion::tail_tokens] = tail_tokens;
    QSLIP_CHECK(run_and_decide(base, candidates, *work, options, {}, registry.missing_fails(), out));
    return out;
}

}  // namespace qslip
