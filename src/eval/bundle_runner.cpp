#include "eval/bundle_runner.hpp"

#include <qslip/kernels/position_sweep.hpp>

#include <algorithm>
#include <cmath>

namespace qslip {

namespace {

constexpr std::size_t tile_floats = std::size_t{4} << 20;
constexpr std::size_t least_shared_tokens = 8;

}  // namespace

/// A prompt item under way.
struct bundle_runner::sequence {
    struct branch {                        ///< one candidate's
        std::vector<std::int32_t> tokens;  ///< its own continuation, kept once it left the base's
        std::string text;
        std::optional<std::size_t> left_at;
        bool ended = false, nonfinite = false;
        item_result result;
    };
    work_item item;
    std::vector<kv_cache> caches;  ///< base first
    std::size_t n_cached = 0;      ///< prompt tokens they hold already
    std::vector<std::int32_t> tokens;
    std::string text;
    bool ended = false;
    std::vector<branch> branches;
};

bundle_runner::arm::arm(const model& m)
    : engine(m), d_model(m.config().d_model), n_vocab(m.config().n_vocab) {}

bundle_runner::bundle_runner(const run_setup& setup) : setup_(setup), tier_(setup.base.active_isa()) {
    arms_.emplace_back(setup.base);
    for (const auto& c : setup.candidates) arms_.emplace_back(c);
    parts_.resize(setup.candidates.size());
    for (auto& part : parts_) part.slices.resize(setup.work->plan().slices().size());
    std::size_t widest = 1;
    for (const auto& a : arms_) widest = std::max(widest, a.n_vocab);
    tile_rows_ = std::clamp<std::size_t>(tile_floats / widest, 8, 64);
}

status bundle_runner::run(std::span<const std::size_t> items, std::span<std::vector<item_result>> results) {
    std::vector<work_item> work;
    work.reserve(items.size());
    for (const auto i : items) {
        QSLIP_TRY(auto item, setup_.work->get(i));
        for (auto& part : parts_)
            for (const auto s : item.slices) ++part.slices[s].prompts;
        work.push_back(std::move(item));
    }
    const bool texts = !work.empty() && work.front().is_text;
    return texts ? run_texts(std::move(work), results) : run_prompts(std::move(work), results);
}

status bundle_runner::forward(arm& a, std::span<const batch_item> batch) {
    std::size_t rows = 0;
    for (const auto& b : batch) rows += b.tokens.size();
    a.hidden.resize(rows * a.d_model);
    forward_tokens_ += rows;
    return a.engine.hidden(batch, a.hidden);
}

status bundle_runner::tile_logits(arm& a, std::size_t first_row, std::size_t n_rows) {
    a.logits.resize(n_rows * a.n_vocab);
    return a.engine.logits(std::span(a.hidden).subspan(first_row * a.d_model, n_rows * a.d_model), a.logits);
}

/// The metrics of one scored position for every candidate, added to the item's slices.
void bundle_runner::compare_row(const work_item& item, std::size_t position, std::size_t tile_row,
                                std::int32_t target, std::span<position_values> values) {
    const bool digit = is_digit_token(setup_.base.vocab().token_bytes(target));
    const float* base = arms_[0].logits.data() + tile_row * arms_[0].n_vocab;
    for (std::size_t c = 0; c < values.size(); ++c) {
        const float* cand = arms_[c + 1].logits.data() + tile_row * arms_[c + 1].n_vocab;
        values[c] =
            compare_position(tier_, std::span(base, setup_.n_vocab), std::span(cand, setup_.n_vocab), target);
        auto& slices = parts_[c].slices;
        for (const auto s : item.slices) slices[s].positions.add(values[c], item.cluster);
        for (const auto s : item.position_slices)
            if (setup_.work->plan().slices()[s].selector.takes_position(position, digit))
                slices[s].positions.add(values[c], item.cluster);
    }
}

static void note_position(item_result& r, const position_values& v, std::size_t token_index,
                          const tokenizer& vocab) {
    ++r.positions;
    if (!v.finite()) return;
    if (!v.kl_fwd_infinite) {
        r.kl_sum_nats += v.kl_fwd_nats;
        r.kl_max_nats = std::max(r.kl_max_nats, v.kl_fwd_nats);
    }
    if (v.top1_agrees()) return;
    ++r.flips;
    if (r.slip) return;
    r.slip = first_slip{token_index, std::string(vocab.token_bytes(v.top1_base)),
                        std::string(vocab.token_bytes(v.top1_cand)), v.margin_nats};
}

// ---- texts: one forward per model, then the rows to score, tile by tile

status bundle_runner::run_texts(std::vector<work_item> items, std::span<std::vector<item_result>> results) {
    std::vector<batch_item> batch;
    for (const auto& item : items) batch.push_back({item.tokens, nullptr});
    for (auto& a : arms_) QSLIP_CHECK(forward(a, batch));
    std::vector<position_values> values(parts_.size());
    std::size_t row0 = 0;
    for (const auto& item : items) {
        const std::size_t n = item.tokens.size(), end = n - 1;
        for (std::size_t c = 0; c < parts_.size(); ++c) {
            results[c][item.index].id = item.id;
            if (item.first_row >= end) ++parts_[c].exclusions.items_without_positions;
        }
        for (std::size_t row = item.first_row; row < end; row += tile_rows_) {
            const std::size_t rows = std::min(tile_rows_, end - row);
            for (auto& a : arms_) QSLIP_CHECK(tile_logits(a, row0 + row, rows));
            for (std::size_t i = 0; i < rows; ++i) {
                compare_row(item, row + i, i, item.tokens[row + i + 1], values);
                for (std::size_t c = 0; c < parts_.size(); ++c)
                    note_position(results[c][item.index], values[c], row + i + 1, setup_.base.vocab());
            }
        }
        row0 += n;
    }
    return {};
}

// ---- prompts: the base decodes greedily, the candidates follow its path and, where they leave it, their own

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

/// All at once when their caches fit, else one after another.
status bundle_runner::run_prompts(std::vector<work_item> items, std::span<std::vector<item_result>> results) {
    std::size_t tokens = 0;
    for (const auto& item : items) tokens += item.tokens.size() + item.max_tokens;
    if (items.size() > 1 && tokens > setup_.cache_tokens) return run_chain(std::move(items), results);
    std::vector<sequence> all;
    for (auto& item : items) {
        auto& s = all.emplace_back();
        s.item = std::move(item);
        for (const auto& a : arms_) {
            QSLIP_TRY(auto cache,
                      kv_cache::create(a.engine.owner(), s.item.tokens.size() + s.item.max_tokens));
            s.caches.push_back(std::move(cache));
        }
    }
    const std::size_t common = all.size() > 1 ? shared_tokens(all) : 0;
    if (common >= least_shared_tokens)
        for (std::size_t a = 0; a < arms_.size(); ++a) QSLIP_CHECK(share_prefix(all, a, common));
    return run_sequences(all, results);
}

/// Long prompts: one set of caches, rewound to what the next prompt has in common with the one before.
status bundle_runner::run_chain(std::vector<work_item> items, std::span<std::vector<item_result>> results) {
    std::size_t room = 0;
    for (const auto& item : items) room = std::max(room, item.tokens.size() + item.max_tokens);
    std::vector<sequence> one(1);
    for (const auto& a : arms_) {
        QSLIP_TRY(auto cache, kv_cache::create(a.engine.owner(), room));
        one[0].caches.push_back(std::move(cache));
    }
    std::vector<std::int32_t> before;
    for (auto& item : items) {
        sequence next;
        next.caches = std::move(one[0].caches);
        next.n_cached = common_tokens(before, item.tokens);
        for (auto& cache : next.caches) QSLIP_CHECK(cache.truncate(next.n_cached));
        before = item.tokens;
        next.item = std::move(item);
        one[0] = std::move(next);
        QSLIP_CHECK(run_sequences(one, results));
    }
    return {};
}

status bundle_runner::run_sequences(std::vector<sequence>& all, std::span<std::vector<item_result>> results) {
    std::vector<std::size_t> active(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        active[i] = i;
        all[i].branches.resize(parts_.size());
    }
    for (std::size_t a = 0; a < arms_.size(); ++a) QSLIP_CHECK(prefill(all, a));
    while (!active.empty()) QSLIP_CHECK(step(all, active));
    for (std::size_t c = 0; c < parts_.size(); ++c) QSLIP_CHECK(continue_own(all, c));
    for (auto& s : all) finish(s, results);
    return {};
}

/// A common beginning is computed once and copied: the same numbers as computing it again.
status bundle_runner::share_prefix(std::vector<sequence>& all, std::size_t which, std::size_t n_shared) {
    auto& a = arms_[which];
    QSLIP_TRY(auto prefix, kv_cache::create(a.engine.owner(), n_shared));
    const batch_item once{std::span(all.front().item.tokens).first(n_shared), &prefix};
    QSLIP_CHECK(forward(a, std::span(&once, 1)));
    for (auto& s : all) {
        QSLIP_CHECK(s.caches[which].copy_prefix(prefix, n_shared));
        s.n_cached = n_shared;
    }
    return {};
}

/// Fills the caches with the rest of the prompts; leaves each sequence's last hidden row in order.
status bundle_runner::prefill(std::vector<sequence>& all, std::size_t which) {
    auto& a = arms_[which];
    std::vector<batch_item> batch;
    for (auto& s : all) batch.push_back({std::span(s.item.tokens).subspan(s.n_cached), &s.caches[which]});
    QSLIP_CHECK(forward(a, batch));
    std::size_t row = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        row += batch[i].tokens.size();
        std::copy_n(a.hidden.begin() + static_cast<std::ptrdiff_t>((row - 1) * a.d_model), a.d_model,
                    a.hidden.begin() + static_cast<std::ptrdiff_t>(i * a.d_model));
    }
    return {};
}

/// Appends one token of the base to every active sequence and scores the position it came from.
status bundle_runner::step(std::vector<sequence>& all, std::vector<std::size_t>& active) {
    std::vector<position_values> values(parts_.size());
    for (std::size_t first = 0; first < active.size(); first += tile_rows_) {
        const std::size_t rows = std::min(tile_rows_, active.size() - first);
        for (auto& a : arms_) QSLIP_CHECK(tile_logits(a, first, rows));
        for (std::size_t i = 0; i < rows; ++i) {
            auto& s = all[active[first + i]];
            const auto token =
                argmax(std::span(arms_[0].logits).subspan(i * arms_[0].n_vocab, setup_.n_vocab));
            compare_row(s.item, s.item.tokens.size() - 1 + s.tokens.size(), i, token, values);
            take(s, token, values);
        }
    }
    std::erase_if(active, [&](std::size_t i) { return all[i].ended; });
    if (active.empty()) return {};
    for (std::size_t a = 0; a < arms_.size(); ++a) {
        std::vector<batch_item> batch;
        for (const auto i : active) batch.push_back({std::span(all[i].tokens).last(1), &all[i].caches[a]});
        QSLIP_CHECK(forward(arms_[a], batch));
    }
    return {};
}

/// Adds a token to a continuation. True when that ends it.
static bool append(std::int32_t token, const work_item& item, const tokenizer& vocab,
                   std::vector<std::int32_t>& tokens, std::string& text) {
    if (vocab.is_end_of_generation(token)) return true;
    tokens.push_back(token);
    if (!vocab.is_special(token)) text += vocab.token_bytes(token);
    return tokens.size() >= item.max_tokens || answer_length(item.how, text) != std::string_view::npos;
}

void bundle_runner::take(sequence& s, std::int32_t token, std::span<const position_values> values) {
    const auto& vocab = setup_.base.vocab();
    for (std::size_t c = 0; c < values.size(); ++c) {
        auto& b = s.branches[c];
        note_position(b.result, values[c], s.tokens.size(), vocab);
        b.nonfinite |= values[c].cand_nonfinite && !b.left_at;
        if (b.left_at || !values[c].finite() || values[c].top1_cand == token) continue;
        b.left_at = s.tokens.size();
        b.tokens = s.tokens;
        b.text = s.text;
        b.ended = append(values[c].top1_cand, s.item, vocab, b.tokens, b.text);
    }
    s.ended = values.front().base_nonfinite || append(token, s.item, vocab, s.tokens, s.text);
}

/// The rest of the answers that left the base's path, in lockstep.
status bundle_runner::continue_own(std::vector<sequence>& all, std::size_t candidate) {
    auto& a = arms_[candidate + 1];
    const auto& vocab = setup_.base.vocab();
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto& b = all[i].branches[candidate];
        if (!b.left_at || b.ended || all[i].item.how.type == task_type::none) continue;
        QSLIP_CHECK(all[i].caches[candidate + 1].truncate(all[i].item.tokens.size() + *b.left_at));
        active.push_back(i);
    }
    while (!active.empty()) {
        std::vector<batch_item> batch;
        for (const auto i : active)
            batch.push_back(
                {std::span(all[i].branches[candidate].tokens).last(1), &all[i].caches[candidate + 1]});
        QSLIP_CHECK(forward(a, batch));
        for (std::size_t first = 0; first < active.size(); first += tile_rows_) {
            const std::size_t rows = std::min(tile_rows_, active.size() - first);
            QSLIP_CHECK(tile_logits(a, first, rows));
            for (std::size_t i = 0; i < rows; ++i) {
                auto& s = all[active[first + i]];
                auto& b = s.branches[candidate];
                const auto row = std::span<const float>(a.logits).subspan(i * a.n_vocab, setup_.n_vocab);
                const auto token = argmax(row);
                b.nonfinite |= !std::isfinite(row[static_cast<std::size_t>(token)]);
                b.ended = b.nonfinite || append(token, s.item, vocab, b.tokens, b.text);
            }
        }
        std::erase_if(active, [&](std::size_t i) { return all[i].branches[candidate].ended; });
    }
    return {};
}

void bundle_runner::judge_answers(const work_item& item, std::size_t candidate, item_result& r,
                                  bool candidate_ok) {
    const auto base = judge(item.how, r.base_text, setup_.lim);
    const auto cand = judge(item.how, r.cand_text, setup_.lim);
    r.has_task = true;
    r.base_right = base.right;
    r.cand_right = cand.right && candidate_ok;
    auto& part = parts_[candidate];
    part.exclusions.regex_budget += (base.budget_hit ? 1u : 0u) + (cand.budget_hit ? 1u : 0u);
    for (const auto s : item.slices) part.slices[s].answers.add(item.cluster, r.base_right, r.cand_right);
}

void bundle_runner::finish(sequence& s, std::span<std::vector<item_result>> results) {
    for (std::size_t c = 0; c < parts_.size(); ++c) {
        auto& b = s.branches[c];
        auto r = std::move(b.result);
        r.id = s.item.id;
        r.base_text = s.text;
        r.cand_text = b.left_at ? b.text : s.text;
        if (s.item.how.type != task_type::none) judge_answers(s.item, c, r, !b.nonfinite);
        results[c][s.item.index] = std::move(r);
    }
}

}  // namespace qslip
