#include "eval/workload.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/core/text.hpp>

#include <algorithm>
#include <cstdio>

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

class suite_items final : public workload {
public:
    suite_items(const suite& items, const slice_registry& registry, const prompt_encoder& prompts)
        : workload(run_plan(registry, items.tags(), items.tiers())), items_(items), prompts_(prompts) {}

    status prepare(std::size_t context_length) {
        sha256 hash;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            QSLIP_TRY(const auto item, items_.item(i));
            QSLIP_TRY(const auto tokens, encode_item(prompts_, items_, item));
            hash.update(item.id + '\0');
            hash.update(std::as_bytes(std::span(tokens)));
            const std::uint64_t needed = tokens.size() + (item.is_text ? 0 : item.max_tokens);
            if (tokens.empty()) return about(item, "has no tokens");
            if (needed > context_length)
                return about(item, "needs " + grouped(needed) + " tokens of context, the model has " +
                                       grouped(context_length) + ": shorten it or lower max_tokens");
            shapes_.push_back({static_cast<std::uint32_t>(tokens.size()), item.is_text ? 0 : item.max_tokens,
                               item.is_text, prefix_key(tokens)});
            plan_.add_item(traits_of(item, tokens.size()), item.how.type != task_type::none, item.cluster);
        }
        prompts_digest_ = hash.hex();
        return plan_.finish();
    }

    result<work_item> get(std::size_t i) const override {
        QSLIP_TRY(auto item, items_.item(i));
        work_item w;
        w.index = i;
        QSLIP_TRY(w.tokens, encode_item(prompts_, items_, item));
        plan_.slices_of(traits_of(item, w.tokens.size()), w.slices, w.position_slices);
        w.id = std::move(item.id);
        w.is_text = item.is_text;
        w.max_tokens = item.max_tokens;
        w.how = std::move(item.how);
        w.cluster = item.cluster;
        return w;
    }

private:
    status about(const suite_item& item, const std::string& what) const {
        return {errc::arg, escaped(items_.name()) + ": item " + qslip::quoted(item.id) + " " + what};
    }

    suite items_;
    prompt_encoder prompts_;
};

class text_windows final : public workload {
public:
    text_windows(const slice_registry& registry, const tokenizer& vocab, const run_settings& settings)
        : workload(run_plan(registry, {})), settings_(settings) {
        if (vocab.adds_bos()) bos_ = vocab.bos();
    }

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
        shapes_.assign(n, {static_cast<std::uint32_t>(settings_.window), 0, true, 0,
                           static_cast<std::uint32_t>(first_row())});
        for (std::size_t i = 0; i < n; ++i) plan_.add_item(traits(), false, i);
        return plan_.finish();
    }

    result<work_item> get(std::size_t i) const override {
        work_item w;
        char id[32];
        std::snprintf(id, sizeof id, "window/%06zu", i);
        w.id = id;
        w.index = i;
        w.is_text = true;
        w.cluster = i;
        const auto begin = tokens_.begin() + static_cast<std::ptrdiff_t>(i * settings_.window);
        w.tokens.assign(begin, begin + static_cast<std::ptrdiff_t>(settings_.window));
        if (bos_) w.tokens.front() = *bos_;
        w.first_row = first_row();
        plan_.slices_of(traits(), w.slices, w.position_slices);
        return w;
    }

private:
    item_traits traits() const { return {&no_tags_, {}, {}, settings_.window}; }
    std::size_t first_row() const {
        return settings_.score == score_part::second_half ? settings_.window / 2 : 0;
    }

    run_settings settings_;
    std::optional<std::int32_t> bos_;
    std::vector<std::int32_t> tokens_;
    std::vector<std::string> no_tags_;
};

}  // namespace

item_traits traits_of(const suite_item& item, std::size_t n_tokens) {
    return {&item.tags, item.language, item.category,
            n_tokens,   item.how.tier, item.how.type == task_type::tool_call};
}

result<std::vector<std::int32_t>> encode_item(const prompt_encoder& prompts, const suite& items,
                                              const suite_item& item) {
    auto tokens = prompts.encode(item);
    if (!tokens)
        return status(tokens.status().code(), escaped(items.name()) + ": item " + qslip::quoted(item.id) +
                                                  ": " + tokens.status().message());
    return tokens;
}

result<std::unique_ptr<workload>> suite_workload(const suite& items, const slice_registry& registry,
                                                 const prompt_encoder& prompts, std::size_t context_length) {
    auto work = std::make_unique<suite_items>(items, registry, prompts);
    QSLIP_CHECK(work->prepare(context_length));
    return std::unique_ptr<workload>(std::move(work));
}

result<std::unique_ptr<workload>> text_workload(const text_source& text, const run_settings& settings,
                                                const slice_registry& registry, const tokenizer& vocab,
                                                std::size_t context_length, std::uint64_t& tail_tokens) {
    auto work = std::make_unique<text_windows>(registry, vocab, settings);
    QSLIP_CHECK(work->prepare(text, vocab, context_length, tail_tokens));
    return std::unique_ptr<workload>(std::move(work));
}

}  // namespace qslip
