#include <algorithm>
#include <utility>

#include "core/quote.hpp"
#include "eval/bundle_sequence.hpp"
#include "kernels/position_sweep.hpp"

namespace qslip {

namespace {

constexpr std::size_t tile_floats = std::size_t{4} << 20;

}  // namespace

bundle_runner::arm::arm(const model& m)
    : engine(m), d_model(m.config().d_model), n_vocab(m.config().n_vocab) {}

bundle_runner::bundle_runner(const run_setup& setup) : setup_(setup), tier_(setup.base.active_isa()) {
    arms_.emplace_back(setup.base);
    for (const auto& c : setup.candidates) arms_.emplace_back(c);
    parts_ = empty_parts(setup);
    std::size_t widest = 1;
    for (const auto& a : arms_) widest = std::max(widest, a.n_vocab);
    tile_rows_ = std::clamp<std::size_t>(tile_floats / widest, 8, 64);
}

std::vector<candidate_part> empty_parts(const run_setup& setup) {
    std::vector<candidate_part> parts(setup.candidates.size());
    for (auto& part : parts) part.slices.resize(setup.work->plan().slices().size());
    return parts;
}

std::vector<candidate_part> bundle_runner::take_parts() { return std::exchange(parts_, empty_parts(setup_)); }

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
        b.ended = append_token(values[c].top1_cand, s.item, vocab, b.tokens, b.text);
    }
    ++s.n_taken;
    if (!s.item.is_text && !values.front().base_nonfinite)
        append_token(token, s.item, vocab, s.tokens, s.text);
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
    if (!setup_.attention) return {};
    for (const auto& s : all)
        for (std::size_t c = 0; c < parts_.size(); ++c) QSLIP_CHECK(compare_attention_of(s, c));
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

}  // namespace qslip
