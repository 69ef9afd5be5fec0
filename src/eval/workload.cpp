#include "eval/workload.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/core/text.hpp>

#include <algorithm>
#include <cstdio>
#include <set>

#include "core/arena.hpp"
#include "files/sha256.hpp"

namespace qslip {
namespace {

constexpr std::size_t prefix_key_tokens = 16;

std::uint64_t prefix_key(std::span<const std::int32_t> tokens) {
    std::uint64_t key = 0;
    for (const auto t : tokens.first(std::min(prefix_key_tokens, tokens.size())))
        key = mix64(key + static_cast<std::uint32_t>(t) + 1);
    return key;
}

/// A suite made ready: tokens of all prompts one after another, and the slices each is in.
class prepared_suite final : public workload {
public:
    prepared_suite(const suite& items, const slice_registry& registry)
        : workload(run_plan(registry, items.tags(), items.complexity_classes())), items_(items) {}

    status prepare(const prompt_encoder& prompts, std::size_t context_length) {
        sha256 hash;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            const auto item = items_.item(i);
            const auto prompt = prompts.encode(item);
            if (!prompt)
                return about(item, prompt.status().code(), ": " + std::string(prompt.status().message()));
            QSLIP_CHECK(check_length(item, prompt->size(), context_length));
            hash.update(std::string(item.id) + '\0');
            hash.update(std::as_bytes(std::span(*prompt)));
            add(item, *prompt);
        }
        prompts_digest_ = hash.hex();
        return plan_.finish();
    }

    work_item get(std::size_t i) const override {
        const auto item = items_.item(i);
        work_item w;
        w.index = i;
        w.id = item.id;
        w.tokens = {first_tokens_[i], shapes_[i].n_tokens};
        w.is_text = item.is_text;
        w.max_tokens = item.max_tokens;
        w.judge = item.judge;
        w.cluster = item.cluster;
        w.slices = in_[i]->whole;
        w.position_slices = in_[i]->positions;
        return w;
    }

private:
    status about(const suite_item& item, errc code, const std::string& what) const {
        return {code, escaped(items_.name()) + ": item " + qslip::quoted(item.id) + what};
    }

    status check_length(const suite_item& item, std::size_t n_tokens, std::size_t context_length) const {
        const std::uint64_t needed = n_tokens + (item.is_text ? 0 : item.max_tokens);
        if (n_tokens == 0) return about(item, errc::arg, " has no tokens");
        if (needed <= context_length) return {};
        return about(item, errc::arg,
                     " needs " + grouped(needed) + " tokens of context, the model has " +
                         grouped(context_length) + ": shorten it or lower max_tokens");
    }

    void add(const suite_item& item, const std::vector<std::int32_t>& prompt) {
        const item_traits traits{item.tags, item.language, item.category, prompt.size(), class_of(item)};
        in_.push_back(&*slice_sets_.insert(plan_.slices_of(traits)).first);
        plan_.add_item(*in_.back(), item.judge ? item.judge->feeds() : std::span<const metric>(),
                       item.cluster);
        shapes_.push_back({static_cast<std::uint32_t>(prompt.size()), item.is_text ? 0 : item.max_tokens,
                           item.is_text, prefix_key(prompt)});
        first_tokens_.push_back(tokens_.add(prompt).data());
    }

    static std::optional<complexity_class> class_of(const suite_item& item) {
        const auto complexity = item.judge ? item.judge->complexity() : std::nullopt;
        return complexity ? std::optional(schema::class_of(*complexity)) : std::nullopt;
    }

    suite items_;
    arena<std::int32_t> tokens_;
    std::vector<const std::int32_t*> first_tokens_;  ///< of each item, in tokens_
    std::set<item_slices> slice_sets_;
    std::vector<const item_slices*> in_;  ///< of each item, one of slice_sets_
};

class text_windows final : public workload {
public:
    text_windows(const slice_registry& registry, const run_settings& settings)
        : workload(run_plan(registry, {})), settings_(settings) {}

    status prepare(const text_source& text, const tokenizer& vocab, std::size_t context_length,
                   std::uint64_t& tail_tokens) {
        if (settings_.window < 4 || settings_.window > context_length)
            return {errc::arg, "--window must be from 4 to the model's context of " +
                                   grouped(context_length) + ", is " + grouped(settings_.window)};
        QSLIP_TRY(tokens_, vocab.encode(text.text, {.add_bos_if_model_says = true}));
        const std::size_t n = tokens_.size() / settings_.window;
        tail_tokens = tokens_.size() - n * settings_.window;
        if (n == 0)
            return {errc::empty, escaped(text.name) + ": " + grouped(tokens_.size()) +
                                     " tokens, less than one window of " + grouped(settings_.window) +
                                     ": lower --window"};
        if (const auto bos = vocab.bos(); vocab.adds_bos() && bos)
            for (std::size_t i = 0; i < n; ++i) tokens_[i * settings_.window] = *bos;
        const std::vector<std::string> no_tags;
        in_ = plan_.slices_of({&no_tags, {}, {}, settings_.window});
        shapes_.assign(n, {static_cast<std::uint32_t>(settings_.window), 0, true, 0,
                           static_cast<std::uint32_t>(first_row())});
        for (std::size_t i = 0; i < n; ++i) plan_.add_item(in_, {}, i);
        return plan_.finish();
    }

    work_item get(std::size_t i) const override {
        work_item w;
        char id[32];
        std::snprintf(id, sizeof id, "window/%06zu", i);
        w.id = id;
        w.index = i;
        w.is_text = true;
        w.cluster = i;
        w.tokens = std::span(tokens_).subspan(i * settings_.window, settings_.window);
        w.first_row = first_row();
        w.slices = in_.whole;
        w.position_slices = in_.positions;
        return w;
    }

private:
    std::size_t first_row() const {
        return settings_.score == score_part::second_half ? settings_.window / 2 : 0;
    }

    run_settings settings_;
    std::vector<std::int32_t> tokens_;  ///< each window's first is BOS where the model says so
    item_slices in_;
};

}  // namespace

result<std::unique_ptr<workload>> suite_workload(const suite& items, const slice_registry& registry,
                                                 const prompt_encoder& prompts, std::size_t context_length) {
    auto work = std::make_unique<prepared_suite>(items, registry);
    QSLIP_CHECK(work->prepare(prompts, context_length));
    return std::unique_ptr<workload>(std::move(work));
}

result<std::unique_ptr<workload>> text_workload(const text_source& text, const run_settings& settings,
                                                const slice_registry& registry, const tokenizer& vocab,
                                                std::size_t context_length, std::uint64_t& tail_tokens) {
    auto work = std::make_unique<text_windows>(registry, settings);
    QSLIP_CHECK(work->prepare(text, vocab, context_length, tail_tokens));
    return std::unique_ptr<workload>(std::move(work));
}

result<run_plan> make_plan(const suite& items, const slice_registry& registry, const model& base,
                           bool rendered, const limits& limits) {
    QSLIP_TRY(const auto prompts, prompt_encoder::create(base, items, rendered, limits));
    QSLIP_TRY(const auto work, suite_workload(items, registry, prompts, base.config().context_length));
    return work->plan();
}

}  // namespace qslip
