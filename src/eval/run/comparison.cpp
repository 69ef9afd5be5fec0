#include "eval/run/comparison.hpp"

#include <qslip/detail/core/rng.hpp>

#include <algorithm>

#include "eval/arms/capsule_arm.hpp"
#include "eval/run/run_identity.hpp"
#include "eval/run/schedule.hpp"
#include "formats/gguf.hpp"

namespace qslip {
namespace {

/// Positions of each item to run in the other modes too: about 1 % of all, at least 200 where there are so
/// many. Items come in an order that a hash of each and the seed decides, whole but for the last.
std::vector<std::uint64_t> choose_sample(const std::vector<item_shape>& shapes, std::uint64_t seed) {
    constexpr std::uint64_t min_positions = 200, one_in = 100;
    std::vector<std::size_t> order(shapes.size());
    std::uint64_t wanted = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
        wanted += shapes[i].positions();
    }
    wanted = std::max(min_positions, wanted / one_in);
    std::ranges::stable_sort(order, {},
                             [&](std::size_t i) { return mix64(mix64(shapes[i].prefix_key) + i + seed); });
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
    const auto mode_base = *out.manifest.settings.mode_base;
    const bool same_run = c.arm.sha256 == out.base.sha256 && c.mode == mode_base;
    const auto resolution_nats = c.sample.resolution_nats();
    if (!resolution_nats || same_run) return;
    const bool may_rerun = c.mode != numerics::a8 && mode_base != numerics::a8;
    for (std::size_t s = 0; s < c.slices.size(); ++s) {
        const auto kl = c.slices[s].positions.summary(metric::kl_fwd_nats);
        if (kl && kl->mean < *resolution_nats)
            c.resolution[s] = may_rerun ? below_resolution::rerun : below_resolution::marked;
    }
}

/// The items of a candidate's slices that are to be run again; empty when there are none.
std::vector<bool> items_to_rerun(const workload& work, const candidate_result& c) {
    std::vector<bool> chosen(work.shapes().size());
    const auto again = [&](std::uint32_t s) { return c.resolution[s] == below_resolution::rerun; };
    bool any = false;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const auto item = work.get(i);
        chosen[i] =
            std::ranges::any_of(item.slices, again) || std::ranges::any_of(item.position_slices, again);
        any |= chosen[i];
    }
    return any ? chosen : std::vector<bool>();
}

/// A comparison under way: its models, loaded, and the setup that its threads share.
class comparison {
public:
    comparison(const model& base, std::span<const model> candidates, const workload& work,
               const compare_options& options, const arm_wrapper& wrap, run_result& out)
        : base_(base.with_mode(*out.manifest.settings.mode_base)),
          work_(work),
          options_(options),
          wrap_(wrap),
          out_(out) {
        for (std::size_t c = 0; c < candidates.size(); ++c)
            candidates_.push_back(candidates[c].with_mode(out.candidates[c].mode));
    }

    status run() {
        QSLIP_CHECK(load());
        QSLIP_TRY(auto journal, open_journal());
        auto setup = setup_for(base_arm(), candidates_);
        setup.sampled_positions = choose_sample(work_.shapes(), options_.seed);
        setup.measure = options_.measure;
        out_.slices = work_.plan().slices();
        if (options_.on_plan) options_.on_plan(work_.plan());
        QSLIP_CHECK(schedule(setup, options_.threads, options_.on_progress)
                        .run(out_, {}, journal ? &*journal : nullptr, options_.on_resume));
        for (std::size_t c = 0; c < candidates_.size(); ++c) {
            find_below_resolution(out_, out_.candidates[c]);
            QSLIP_CHECK(rerun_below_resolution(c));
        }
        QSLIP_CHECK(base_.gguf().file().unchanged());
        for (const auto& c : candidates_) QSLIP_CHECK(c.gguf().file().unchanged());
        out_.facts.isa = isa_name(base_.active_isa());
        return {};
    }

private:
    /// Beside a capsule the base only turns rows into logits, unless it is asked about broken answers,
    /// attention, or for its own rows in F32.
    model_part part_of_base() const {
        const bool may_break = out_.suite && !out_.suite->complexity_classes().empty();
        const bool reads = options_.baseline == nullptr || !options_.measure.empty() || may_break ||
                           base_.mode() != numerics::f32;
        return reads ? model_part::all : model_part::head;
    }

    status load() {
        if (options_.baseline != nullptr)
            QSLIP_CHECK(check_capsule(*options_.baseline, base_, work_.shapes().size(), out_));
        QSLIP_CHECK(base_.load(part_of_base(), options_.threads));
        for (auto& c : candidates_) QSLIP_CHECK(c.load(model_part::all, options_.threads));
        return {};
    }

    result<std::optional<run_journal>> open_journal() const {
        if (options_.journal.empty()) return std::optional<run_journal>();
        QSLIP_TRY(auto opened,
                  run_journal::open(options_.journal, run_fields(out_, base_, work_.shapes().size()),
                                    options_.limits));
        return std::optional(std::move(opened));
    }

    std::unique_ptr<arm> base_arm() const {
        if (options_.baseline != nullptr) return std::make_unique<capsule_arm>(*options_.baseline, base_);
        return std::make_unique<engine_arm>(base_);
    }

    /// Lives as long as this.
    const arm* keep(std::unique_ptr<arm> made) {
        arms_.push_back(wrap_ ? wrap_(std::move(made)) : std::move(made));
        return arms_.back().get();
    }

    run_setup setup_for(std::unique_ptr<arm> base, std::span<const model> candidates) {
        run_setup setup{nullptr, {}, &work_, base_.vocab(), base_.active_isa(), options_.limits};
        setup.base = keep(std::move(base));
        for (const auto& c : candidates) {
            setup.candidates.push_back(keep(std::make_unique<engine_arm>(c)));
        }
        return setup;
    }

    /// Runs the slices below the resolution again, both sides in F32, and puts those positions in their
    /// place.
    status rerun_below_resolution(std::size_t index) {
        auto& c = out_.candidates[index];
        if (std::ranges::find(c.resolution, below_resolution::rerun) == c.resolution.end()) return {};
        const auto chosen = items_to_rerun(work_, c);
        const auto exact = candidates_[index].with_mode(numerics::f32);
        const bool is_stored = options_.baseline != nullptr && base_.mode() == numerics::f32;
        auto setup =
            setup_for(is_stored ? base_arm() : std::make_unique<engine_arm>(base_.with_mode(numerics::f32)),
                      std::span(&exact, 1));
        run_result again;
        again.candidates.emplace_back();
        QSLIP_CHECK(schedule(setup, options_.threads, options_.on_progress).run(again, chosen));
        for (std::size_t s = 0; s < c.slices.size(); ++s)
            if (c.resolution[s] == below_resolution::rerun)
                c.slices[s].positions = std::move(again.candidates.front().slices[s].positions);
        out_.facts.forward_tokens += again.facts.forward_tokens;
        return {};
    }

    model base_;
    std::vector<model> candidates_;
    const workload& work_;
    const compare_options& options_;
    const arm_wrapper& wrap_;
    run_result& out_;
    std::vector<std::unique_ptr<arm>> arms_;
};

}  // namespace

status run_comparison(const model& base, std::span<const model> candidates, const workload& work,
                      const compare_options& options, const arm_wrapper& wrap, run_result& out) {
    return comparison(base, candidates, work, options, wrap, out).run();
}

}  // namespace qslip
