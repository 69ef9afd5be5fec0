// Prompts: the base decodes greedily, the candidates follow its path and, where they leave it, their own.
#include <algorithm>
#include <cmath>

#include "eval/bundle_sequence.hpp"

namespace qslip {

namespace {

constexpr std::size_t min_shared_tokens = 8;

/// False where compare_position() calls the base's row non-finite.
bool is_distribution(std::span<const float> row) {
    bool usable = true, some = false;
    for (const float x : row) {
        usable &= x < INFINITY;  // false for NaN
        some |= x > -INFINITY;
    }
    return usable && some;
}

}  // namespace

bool append_token(std::int32_t token, const work_item& item, const tokenizer& vocab,
                  std::vector<std::int32_t>& tokens, std::string& text) {
    if (vocab.is_end_of_generation(token)) return true;
    tokens.push_back(token);
    if (!vocab.is_special(token)) text += vocab.token_bytes(token);
    return tokens.size() >= item.max_tokens || answer_length(item.how, text) != std::string_view::npos;
}

/// Tokens both begin with, leaving `next` at least one of its own.
static std::size_t common_tokens(const std::vector<std::int32_t>& before,
                                 const std::vector<std::int32_t>& next) {
    const std::size_t most = std::min(before.size(), next.size() - 1);
    return static_cast<std::size_t>(
        std::mismatch(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(most), before.begin()).first -
        next.begin());
}

/// Tokens all prompts begin with, leaving each at least one of its own.
template <class Sequences>
static std::size_t shared_tokens(const Sequences& all) {
    std::size_t n = all.front().item.tokens.size() - 1;
    for (const auto& s : all) n = std::min(n, common_tokens(all.front().item.tokens, s.item.tokens));
    return n;
}

status bundle_runner::make_caches(sequence& s, std::size_t room) {
    s.caches.resize(arms_.size());
    for (std::size_t a = first_run_arm(); a < arms_.size(); ++a) {
        QSLIP_TRY(auto cache, kv_cache::create(arms_[a].engine.owner(), room));
        s.caches[a].emplace(std::move(cache));
    }
    return {};
}

/// All at once when their caches fit, else one after another.
status bundle_runner::run_prompts(std::vector<work_item> items, std::span<std::vector<item_result>> results) {
    std::size_t tokens = 0;
    for (const auto& item : items) tokens += item.tokens.size() + item.max_tokens;
    if (items.size() > 1 && tokens > setup_.cache_tokens) return run_chain(std::move(items), results);
    std::vector<sequence> all;
    for (auto& item : items) {
        auto& s = all.emplace_back();
        s.item = std::move(item);
        QSLIP_CHECK(make_caches(s, s.item.tokens.size() + s.item.max_tokens));
    }
    const std::size_t common = all.size() > 1 ? shared_tokens(all) : 0;
    if (common >= min_shared_tokens)
        for (std::size_t a = first_run_arm(); a < arms_.size(); ++a)
            QSLIP_CHECK(share_prefix(all, a, common));
    return run_sequences(all, results);
}

/// Long prompts: one set of caches, rewound to what the next prompt has in common with the one before.
status bundle_runner::run_chain(std::vector<work_item> items, std::span<std::vector<item_result>> results) {
    std::size_t room = 0;
    for (const auto& item : items) room = std::max(room, item.tokens.size() + item.max_tokens);
    std::vector<sequence> one(1);
    QSLIP_CHECK(make_caches(one[0], room));
    std::vector<std::int32_t> before;
    for (auto& item : items) {
        sequence next;
        next.caches = std::move(one[0].caches);
        next.n_cached = common_tokens(before, item.tokens);
        for (auto& cache : next.caches)
            if (cache) QSLIP_CHECK(cache->truncate(next.n_cached));
        before = item.tokens;
        next.item = std::move(item);
        one[0] = std::move(next);
        QSLIP_CHECK(run_sequences(one, results));
    }
    return {};
}

status bundle_runner::run_sequences(std::vector<sequence>& all, std::span<std::vector<item_result>> results) {
    if (setup_.source != nullptr)
        for (auto& s : all) QSLIP_CHECK(read_base(s));
    else
        QSLIP_CHECK(generate(all));
    for (auto& s : all) {
        s.path = s.item.tokens;
        s.path.insert(s.path.end(), s.base.targets.begin(), s.base.targets.end() - 1);
    }
    QSLIP_CHECK(compare_paths(all));
    for (std::size_t c = 0; c < parts_.size(); ++c) QSLIP_CHECK(continue_own(all, c));
    return finish(all, results);
}

/// A common beginning is computed once and copied: the same numbers as computing it again.
status bundle_runner::share_prefix(std::vector<sequence>& all, std::size_t which, std::size_t n_shared) {
    auto& a = arms_[which];
    QSLIP_TRY(auto prefix, kv_cache::create(a.engine.owner(), n_shared));
    const batch_item once{std::span(all.front().item.tokens).first(n_shared), &prefix};
    QSLIP_CHECK(forward(a, std::span(&once, 1)));
    for (auto& s : all) {
        QSLIP_CHECK(s.caches[which]->copy_prefix(prefix, n_shared));
        s.n_cached = n_shared;
    }
    return {};
}

/// Fills the base's caches with the rest of the prompts; leaves each sequence's last hidden row in order.
status bundle_runner::prefill(std::vector<sequence>& all) {
    auto& a = arms_[0];
    std::vector<batch_item> batch;
    for (auto& s : all) batch.push_back({std::span(s.item.tokens).subspan(s.n_cached), &*s.caches[0]});
    QSLIP_CHECK(forward(a, batch));
    std::size_t row = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        row += batch[i].tokens.size();
        std::copy_n(a.hidden.begin() + static_cast<std::ptrdiff_t>((row - 1) * a.d_model), a.d_model,
                    a.hidden.begin() + static_cast<std::ptrdiff_t>(i * a.d_model));
    }
    return {};
}

/// Appends one token of the base to every active sequence and keeps the row it came from.
status bundle_runner::step(std::vector<sequence>& all, std::vector<std::size_t>& active) {
    auto& a = arms_[0];
    for (std::size_t first = 0; first < active.size(); first += tile_rows_) {
        const std::size_t rows = std::min(tile_rows_, active.size() - first);
        QSLIP_CHECK(logits_of(a, hidden_rows(a.hidden, a.d_model, first, rows)));
        for (std::size_t i = 0; i < rows; ++i) {
            auto& s = all[active[first + i]];
            const auto row = a.row(i, setup_.n_vocab);
            const auto token = argmax(row);
            const auto hidden = hidden_rows(a.hidden, a.d_model, first + i, 1);
            s.base.targets.push_back(token);
            s.base.hidden.insert(s.base.hidden.end(), hidden.begin(), hidden.end());
            s.ended =
                !is_distribution(row) || append_token(token, s.item, setup_.base.vocab(), s.tokens, s.text);
        }
    }
    std::erase_if(active, [&](std::size_t i) { return all[i].ended; });
    if (active.empty()) return {};
    std::vector<batch_item> batch;
    for (const auto i : active) batch.push_back({std::span(all[i].tokens).last(1), &*all[i].caches[0]});
    return forward(a, batch);
}

/// The base's greedy continuations.
status bundle_runner::generate(std::vector<sequence>& all) {
    std::vector<std::size_t> active(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) active[i] = i;
    QSLIP_CHECK(prefill(all));
    while (!active.empty()) QSLIP_CHECK(step(all, active));
    for (auto& s : all) {  // the comparison takes the words again, one by one
        s.tokens.clear();
        s.text.clear();
    }
    return {};
}

/// The rest of the answers that left the base's path, in lockstep.
status bundle_runner::continue_own(std::vector<sequence>& all, std::size_t candidate) {
    auto& a = arms_[candidate + 1];
    const auto& vocab = setup_.base.vocab();
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto& b = all[i].branches[candidate];
        if (!b.left_at || b.ended || all[i].item.how.type == task_type::none) continue;
        QSLIP_CHECK(all[i].caches[candidate + 1]->truncate(all[i].item.tokens.size() + *b.left_at));
        active.push_back(i);
    }
    while (!active.empty()) {
        std::vector<batch_item> batch;
        for (const auto i : active)
            batch.push_back(
                {std::span(all[i].branches[candidate].tokens).last(1), &*all[i].caches[candidate + 1]});
        QSLIP_CHECK(forward(a, batch));
        for (std::size_t first = 0; first < active.size(); first += tile_rows_) {
            const std::size_t rows = std::min(tile_rows_, active.size() - first);
            QSLIP_CHECK(logits_of(a, hidden_rows(a.hidden, a.d_model, first, rows)));
            for (std::size_t i = 0; i < rows; ++i) {
                auto& s = all[active[first + i]];
                auto& b = s.branches[candidate];
                const auto row = a.row(i, setup_.n_vocab);
                const auto token = argmax(row);
                b.nonfinite |= !std::isfinite(row[static_cast<std::size_t>(token)]);
                b.ended = b.nonfinite || append_token(token, s.item, vocab, b.tokens, b.text);
            }
        }
        std::erase_if(active, [&](std::size_t i) { return all[i].branches[candidate].ended; });
    }
    return {};
}

}  // namespace qslip
