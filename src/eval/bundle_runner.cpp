#include "eval/bundle_runner.hpp"

#include <qslip/core/quote.hpp>
#include <qslip/kernels/position_sweep.hpp>

#include <algorithm>
#include <cmath>

namespace qslip {

namespace {

constexpr std::size_t tile_floats = std::size_t{4} << 20;
constexpr std::size_t least_shared_tokens = 8, breaks_at_once = 8;

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

/// An item under way.
struct bundle_runner::sequence {
    struct branch {                        ///< one candidate's
        std::vector<std::int32_t> tokens;  ///< its own continuation, kept once it left the base's
        std::string text;
        std::optional<std::size_t> left_at;
        bool ended = false, nonfinite = false;
        item_result result;
    };
    work_item item;
    base_rows base;
    std::vector<std::optional<kv_cache>>
        caches;                        ///< base first; none of an arm that is not run; empty: texts
    std::size_t n_cached = 0;          ///< prompt tokens they hold already
    std::size_t first_scored = 0;      ///< its first row among the bundle's scored rows
    std::vector<std::int32_t> path;    ///< what the candidates read: prompt and the base's words
    std::vector<std::int32_t> tokens;  ///< the base's words so far
    std::string text;
    std::size_t n_taken = 0;  ///< scored positions taken into the branches
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
        if (!item.is_text) item.first_row = item.tokens.size() - 1;
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

status bundle_runner::logits_of(arm& a, std::span<const float> hidden_rows) {
    a.logits.resize(hidden_rows.size() / a.d_model * a.n_vocab);
    return a.engine.logits(hidden_rows, a.logits);
}

static std::span<const float> hidden_rows(const std::vector<float>& hidden, std::size_t d_model,
                                          std::size_t first, std::size_t n) {
    return std::span(hidden).subspan(first * d_model, n * d_model);
}

/// The metrics of one scored position for every candidate, added to the item's slices.
void bundle_runner::compare_row(const work_item& item, std::size_t position, std::size_t tile_row,
                                std::int32_t target, std::span<position_values> values) {
    const bool digit = is_digit_token(setup_.base.vocab().token_bytes(target));
    for (std::size_t c = 0; c < values.size(); ++c) {
        values[c] = compare_position(tier_, arms_[0].row(tile_row, setup_.n_vocab),
                                     arms_[c + 1].row(tile_row, setup_.n_vocab), target);
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

// ---- the candidates read the base's path, then every scored position is compared

std::vector<bundle_runner::scored_row> bundle_runner::rows_of(std::span<sequence> all) {
    std::vector<scored_row> rows;
    for (auto& s : all)
        for (std::size_t i = 0; i < s.base.targets.size(); ++i) rows.push_back({&s, i});
    return rows;
}

/// The arm's hidden rows of the scored positions, in order. `which` is its place in the caches, if any.
status bundle_runner::follow(std::span<sequence> all, arm& a, std::size_t which) {
    std::vector<batch_item> batch;
    for (auto& s : all)
        batch.push_back(
            {std::span(s.path).subspan(s.n_cached), s.caches.empty() ? nullptr : &*s.caches[which]});
    QSLIP_CHECK(forward(a, batch));
    auto out = a.hidden.begin();
    std::size_t row = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto kept = hidden_rows(a.hidden, a.d_model, row + all[i].item.first_row - all[i].n_cached,
                                      all[i].base.targets.size());
        out = std::copy(kept.begin(), kept.end(), out);
        row += batch[i].tokens.size();
    }
    return {};
}

/// The base's logits of a tile of rows: those that were kept, else by its head.
status bundle_runner::base_tile(std::span<const scored_row> rows) {
    auto& a = arms_[0];
    if (!rows.front().of->base.logits.empty()) {
        a.logits.resize(rows.size() * a.n_vocab);
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::copy_n(
                rows[i].of->base.logits.begin() + static_cast<std::ptrdiff_t>(rows[i].index * setup_.n_vocab),
                setup_.n_vocab, a.logits.begin() + static_cast<std::ptrdiff_t>(i * a.n_vocab));
        return {};
    }
    a.hidden.resize(rows.size() * a.d_model);
    for (std::size_t i = 0; i < rows.size(); ++i)
        std::ranges::copy(hidden_rows(rows[i].of->base.hidden, a.d_model, rows[i].index, 1),
                          a.hidden.begin() + static_cast<std::ptrdiff_t>(i * a.d_model));
    return logits_of(a, a.hidden);
}

status bundle_runner::keep_logits(std::vector<sequence>& all) {
    const auto rows = rows_of(all);
    std::vector<float> kept;
    for (std::size_t first = 0; first < rows.size(); first += tile_rows_) {
        const auto tile = std::span(rows).subspan(first, std::min(tile_rows_, rows.size() - first));
        QSLIP_CHECK(base_tile(tile));
        for (std::size_t i = 0; i < tile.size(); ++i) {
            const auto row = arms_[0].row(i, setup_.n_vocab);
            kept.insert(kept.end(), row.begin(), row.end());
        }
    }
    auto from = kept.cbegin();
    for (auto& s : all) {
        const auto end = from + static_cast<std::ptrdiff_t>(s.base.targets.size() * setup_.n_vocab);
        s.base.logits.assign(from, end);
        from = end;
    }
    return {};
}

status bundle_runner::score(std::vector<sequence>& all) {
    std::vector<position_values> values(parts_.size());
    const auto rows = rows_of(all);
    for (std::size_t first = 0; first < rows.size(); first += tile_rows_) {
        const auto tile = std::span(rows).subspan(first, std::min(tile_rows_, rows.size() - first));
        QSLIP_CHECK(base_tile(tile));
        for (std::size_t a = 1; a < arms_.size(); ++a)
            QSLIP_CHECK(
                logits_of(arms_[a], hidden_rows(arms_[a].hidden, arms_[a].d_model, first, tile.size())));
        for (std::size_t i = 0; i < tile.size(); ++i) {
            auto& s = *tile[i].of;
            const auto target = s.base.targets[tile[i].index];
            compare_row(s.item, s.item.first_row + tile[i].index, i, target, values);
            if (setup_.source != nullptr && !s.item.is_text && values.front().top1_base != target &&
                !values.front().base_nonfinite)
                return {errc::conflict, "item " + quoted(s.item.id) +
                                            ": the base's head chooses another token than the capsule holds; "
                                            "make the capsule again"};
            take(s, target, values);
        }
    }
    return {};
}

/// Candidates on the paths the base took; its rows are there.
status bundle_runner::compare_paths(std::vector<sequence>& all) {
    std::size_t n_rows = 0;
    for (auto& s : all) {
        s.first_scored = n_rows;
        n_rows += s.base.targets.size();
        s.branches.resize(parts_.size());
    }
    if (setup_.keep_logits) QSLIP_CHECK(keep_logits(all));
    for (const auto& s : all)
        if (setup_.sink) QSLIP_CHECK(setup_.sink(s.item, s.base));
    if (parts_.empty()) return {};
    for (std::size_t a = 1; a < arms_.size(); ++a) QSLIP_CHECK(follow(all, arms_[a], a));
    QSLIP_CHECK(score(all));
    for (std::size_t c = 0; c < parts_.size(); ++c) QSLIP_CHECK(sample(all, c));
    return {};
}

// ---- a sample of the items in the other modes: what the activations' rounding adds

/// Items of the sample through one candidate in F32 and in A8, beside the rows of the mode of the run.
status bundle_runner::sample(std::vector<sequence>& all, std::size_t candidate) {
    if (setup_.sampled_items.empty()) return {};
    const auto& a = arms_[candidate + 1];
    std::vector<sequence> chosen;
    std::vector<float> rows;
    for (const auto& s : all) {
        if (!setup_.sampled_items[s.item.index] || s.base.targets.empty()) continue;
        const auto own = hidden_rows(a.hidden, a.d_model, s.first_scored, s.base.targets.size());
        rows.insert(rows.end(), own.begin(), own.end());
        auto& copy = chosen.emplace_back();
        copy.item = s.item;
        copy.base = s.base;
        copy.path = s.path;
    }
    if (chosen.empty()) return {};
    const model& m = a.engine.owner();
    arm mode(m), exact(m.with_mode(numerics::f32)), deployed(m.with_mode(numerics::a8));
    mode.hidden = std::move(rows);
    arm* const arms[] = {&mode, m.mode() == numerics::f32 ? &mode : &exact,
                         m.mode() == numerics::a8 ? &mode : &deployed};
    for (arm* other : {arms[1], arms[2]})
        if (other != &mode) QSLIP_CHECK(follow(chosen, *other, 0));
    return take_sample(candidate, rows_of(chosen), arms);
}

/// `arms`: in the run's mode, in F32, in A8; the first may be one of the others too.
status bundle_runner::take_sample(std::size_t candidate, std::span<const scored_row> rows,
                                  std::span<arm* const> arms) {
    auto& seen = parts_[candidate].sample;
    for (std::size_t first = 0; first < rows.size(); first += tile_rows_) {
        const auto tile = rows.subspan(first, std::min(tile_rows_, rows.size() - first));
        QSLIP_CHECK(base_tile(tile));
        for (std::size_t a = 0; a < arms.size(); ++a)
            if (a == 0 || arms[a] != arms[0])
                QSLIP_CHECK(
                    logits_of(*arms[a], hidden_rows(arms[a]->hidden, arms[a]->d_model, first, tile.size())));
        for (std::size_t i = 0; i < tile.size(); ++i) {
            const auto& s = *tile[i].of;
            const auto target = s.base.targets[tile[i].index];
            const auto row = [&](const arm& a) { return a.row(i, setup_.n_vocab); };
            const auto add = [&](metrics::position_accumulator& to, const arm& p, const arm& q) {
                to.add(compare_position(tier_, row(p), row(q), target), s.item.cluster);
            };
            add(seen.weights, arms_[0], *arms[1]);
            add(seen.deployed, arms_[0], *arms[2]);
            if (arms[1] != arms[0]) add(seen.floor, *arms[1], *arms[0]);
        }
    }
    return {};
}

// ---- texts: one forward per model, then the rows to score

/// The base's rows of an item, from the capsule. They are checked against the item.
status bundle_runner::read_base(sequence& s) const {
    QSLIP_CHECK(setup_.source->read(s.item.index, s.base));
    const auto& targets = s.base.targets;
    const auto& tokens = s.item.tokens;
    const bool fits = s.item.is_text ? std::ranges::equal(targets, std::span(tokens).subspan(std::min(
                                                                       s.item.first_row + 1, tokens.size())))
                                     : !targets.empty() && targets.size() <= s.item.max_tokens;
    if (fits) return {};
    return {errc::conflict, "item " + quoted(s.item.id) + ": the capsule holds the rows of another item"};
}

status bundle_runner::read_texts(std::vector<sequence>& all) {
    if (setup_.source != nullptr) {
        for (auto& s : all) QSLIP_CHECK(read_base(s));
        return {};
    }
    auto& a = arms_[0];
    for (auto& s : all)
        if (s.item.first_row + 1 < s.path.size())
            s.base.targets.assign(s.path.begin() + static_cast<std::ptrdiff_t>(s.item.first_row + 1),
                                  s.path.end());
    QSLIP_CHECK(follow(all, a, 0));
    std::size_t row = 0;
    for (auto& s : all) {
        const auto rows = hidden_rows(a.hidden, a.d_model, row, s.base.targets.size());
        s.base.hidden.assign(rows.begin(), rows.end());
        row += s.base.targets.size();
    }
    return {};
}

status bundle_runner::run_texts(std::vector<work_item> items, std::span<std::vector<item_result>> results) {
    std::vector<sequence> all(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        all[i].path = items[i].tokens;
        all[i].item = std::move(items[i]);
    }
    QSLIP_CHECK(read_texts(all));
    QSLIP_CHECK(compare_paths(all));
    for (auto& s : all)
        for (std::size_t c = 0; c < parts_.size(); ++c) {
            if (s.base.targets.empty()) ++parts_[c].exclusions.items_without_positions;
            auto& r = results[c][s.item.index] = std::move(s.branches[c].result);
            r.id = s.item.id;
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
    if (common >= least_shared_tokens)
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

/// Adds a token to a continuation. True when that ends it.
static bool append(std::int32_t token, const work_item& item, const tokenizer& vocab,
                   std::vector<std::int32_t>& tokens, std::string& text) {
    if (vocab.is_end_of_generation(token)) return true;
    tokens.push_back(token);
    if (!vocab.is_special(token)) text += vocab.token_bytes(token);
    return tokens.size() >= item.max_tokens || answer_length(item.how, text) != std::string_view::npos;
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
            s.ended = !is_distribution(row) || append(token, s.item, setup_.base.vocab(), s.tokens, s.text);
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

void bundle_runner::take(sequence& s, std::int32_t token, std::span<const position_values> values) {
    const auto& vocab = setup_.base.vocab();
    for (std::size_t c = 0; c < values.size(); ++c) {
        auto& b = s.branches[c];
        note_position(b.result, values[c], s.item.is_text ? s.item.first_row + 1 + s.n_taken : s.n_taken,
                      vocab);
        if (s.item.is_text) continue;
        b.nonfinite |= values[c].cand_nonfinite && !b.left_at;
        if (b.left_at || !values[c].finite() || values[c].top1_cand == token) continue;
        b.left_at = s.tokens.size();
        b.tokens = s.tokens;
        b.text = s.text;
        b.ended = append(values[c].top1_cand, s.item, vocab, b.tokens, b.text);
    }
    ++s.n_taken;
    if (!s.item.is_text && !values.front().base_nonfinite) append(token, s.item, vocab, s.tokens, s.text);
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
                b.ended = b.nonfinite || append(token, s.item, vocab, b.tokens, b.text);
            }
        }
        std::erase_if(active, [&](std::size_t i) { return all[i].branches[candidate].ended; });
    }
    return {};
}

void bundle_runner::judge_answers(sequence& s, std::size_t candidate) {
    auto& b = s.branches[candidate];
    auto& r = b.result;
    const auto cut = [&](const std::vector<std::int32_t>& tokens, const std::string& text) {
        return tokens.size() >= s.item.max_tokens &&
               answer_length(s.item.how, text) == std::string_view::npos;
    };
    auto base = judge(s.item.how, r.base_text, setup_.lim, cut(s.tokens, s.text));
    auto cand = judge(s.item.how, r.cand_text, setup_.lim, cut(b.left_at ? b.tokens : s.tokens, r.cand_text));
    if (b.nonfinite) {
        const auto asked = cand.structure;
        cand = {};
        cand.structure.demanded = asked.demanded;
        cand.structure.may_call = asked.may_call;
    }
    r.has_task = true;
    r.base_right = base.right;
    r.cand_right = cand.right;
    auto& part = parts_[candidate];
    part.exclusions.regex_budget += (base.budget_hit ? 1u : 0u) + (cand.budget_hit ? 1u : 0u);
    for (const auto i : s.item.slices) part.slices[i].answers.add(s.item.cluster, r.base_right, r.cand_right);
    if (!s.item.how.is_structured()) return;
    r.base_structure = base.structure;
    r.cand_structure = cand.structure;
    for (const auto i : s.item.slices)
        part.slices[i].structure.add(s.item.cluster, base.structure, cand.structure);
}

/// The token whose bytes hold byte `byte` of the text; the number of tokens when all lie before it.
static std::size_t token_at(std::span<const std::int32_t> tokens, std::size_t byte, const tokenizer& vocab) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!vocab.is_special(tokens[i])) end += vocab.token_bytes(tokens[i]).size();
        if (byte < end) return i;
    }
    return tokens.size();
}

/// What the base's row says about the token at a break.
static void note_base(std::span<const float> row, std::span<const std::int32_t> tokens,
                      const tokenizer& vocab, located_break& at) {
    const auto best = static_cast<std::size_t>(argmax(row));
    float second = -INFINITY;
    for (std::size_t i = 0; i < row.size(); ++i)
        if (i != best) second = std::max(second, row[i]);
    at.base_token = vocab.token_bytes(static_cast<std::int32_t>(best));
    at.base_margin_nats = static_cast<double>(row[best]) - static_cast<double>(second);
    if (at.token_index < tokens.size())
        at.base_behind_nats = static_cast<double>(row[best]) -
                              static_cast<double>(row[static_cast<std::size_t>(tokens[at.token_index])]);
}

/// Of answers that satisfied their schema and do not any more: where, and how sure the base was there.
status bundle_runner::locate_breaks(std::vector<sequence>& all, std::size_t candidate) {
    const auto& vocab = setup_.base.vocab();
    std::vector<std::size_t> broken;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto& b = all[i].branches[candidate];
        auto& r = b.result;
        if (!b.left_at || b.nonfinite || !r.base_structure || !r.base_structure->demanded) continue;
        if (!r.base_structure->valid() || r.cand_structure->valid()) continue;
        const auto at = locate_fault(all[i].item.how, r.cand_text, setup_.lim);
        if (!at || !*at) continue;  // a budget ran out: counted as a fault of the answer
        const auto token = token_at(b.tokens, (*at)->byte, vocab);
        if (token < *b.left_at) continue;  // what both said: the base's own answer only got further
        r.broken_at =
            located_break{(*at)->byte, (*at)->keyword, (*at)->instance_location, token, "", "", 0, 0};
        if (token < b.tokens.size()) r.broken_at->token = vocab.token_bytes(b.tokens[token]);
        broken.push_back(i);
    }
    for (std::size_t first = 0; first < broken.size(); first += breaks_at_once)
        QSLIP_CHECK(base_rows_at_breaks(
            all, std::span(broken).subspan(first, std::min(breaks_at_once, broken.size() - first)),
            candidate));
    return {};
}

/// The base reads the prompt and the candidate's words up to the break.
status bundle_runner::base_rows_at_breaks(std::vector<sequence>& all, std::span<const std::size_t> broken,
                                          std::size_t candidate) {
    auto& a = arms_[0];
    std::vector<std::vector<std::int32_t>> tokens;
    std::vector<batch_item> batch;
    tokens.reserve(broken.size());
    for (const auto i : broken) {
        const auto& b = all[i].branches[candidate];
        auto& path = tokens.emplace_back(all[i].item.tokens);
        path.insert(path.end(), b.tokens.begin(),
                    b.tokens.begin() + static_cast<std::ptrdiff_t>(b.result.broken_at->token_index));
        batch.push_back({path, nullptr});
    }
    QSLIP_CHECK(forward(a, batch));
    std::size_t row = 0;
    for (std::size_t k = 0; k < broken.size(); ++k) {
        row += tokens[k].size();
        QSLIP_CHECK(logits_of(a, hidden_rows(a.hidden, a.d_model, row - 1, 1)));
        auto& b = all[broken[k]].branches[candidate];
        note_base(a.row(0, setup_.n_vocab), b.tokens, setup_.base.vocab(), *b.result.broken_at);
    }
    return {};
}

status bundle_runner::finish(std::vector<sequence>& all, std::span<std::vector<item_result>> results) {
    for (std::size_t c = 0; c < parts_.size(); ++c) {
        for (auto& s : all) {
            auto& b = s.branches[c];
            b.result.id = s.item.id;
            b.result.base_text = s.text;
            b.result.cand_text = b.left_at ? b.text : s.text;
            if (s.item.how.type != task_type::none) judge_answers(s, c);
        }
        QSLIP_CHECK(locate_breaks(all, c));
        for (auto& s : all) results[c][s.item.index] = std::move(s.branches[c].result);
    }
    return {};
}

}  // namespace qslip
