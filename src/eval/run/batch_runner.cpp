#include "eval/run/batch_runner.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/metrics/compare_position.hpp>
#include "kernels/position_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qslip {

namespace {

constexpr std::size_t window_floats = std::size_t{8} << 20, tile_floats = std::size_t{4} << 20,
                      max_window_rows = 264, max_tile_rows = 64, min_rows = 8;

}  // namespace

bool spoken::add(std::int32_t token, const work_item& item, const tokenizer& vocab) {
    if (vocab.is_end_of_generation(token)) return true;
    tokens.push_back(token);
    if (!vocab.is_special(token)) text += vocab.token_bytes(token);
    return tokens.size() >= item.max_tokens || has_stopped(item);
}

bool spoken::has_stopped(const work_item& item) const {
    return item.judge != nullptr && item.judge->answer_length(text) != std::string_view::npos;
}

judgement spoken::judged(const work_item& item) const {
    return item.judge->judge_text(text, tokens.size() >= item.max_tokens && !has_stopped(item));
}

result<std::unique_ptr<batch_runner>> batch_runner::create(const run_setup& setup) {
    QSLIP_TRY(auto base, setup.base->open_reader(setup.cache_tokens));
    std::vector<engine_state> candidates;
    for (const auto* c : setup.candidates) {
        QSLIP_TRY(auto reader, c->open_reader(setup.cache_tokens));
        auto& speaker = *reader;
        candidates.push_back({std::move(reader), {}, lockstep(speaker)});
    }
    return std::unique_ptr<batch_runner>(new batch_runner(setup, std::move(base), std::move(candidates)));
}

batch_runner::batch_runner(const run_setup& setup, std::unique_ptr<sequence_reader> base,
                           std::vector<engine_state> candidates)
    : setup_(setup),
      base_(std::move(base)),
      candidates_(std::move(candidates)),
      observers_(empty_observers(setup)),
      decoding_(*base_),
      values_(candidates_.size()) {
    std::size_t widest = base_->n_vocab();
    for (const auto& c : candidates_) widest = std::max(widest, c.reader->n_vocab());
    tile_rows_ = std::clamp(tile_floats / widest, min_rows, max_tile_rows);
    window_rows_ = std::clamp(window_floats / widest, min_rows, max_window_rows);
    max_live_ = std::min(window_rows_, max_tile_rows);
}

std::vector<observer_set> batch_runner::take_observers() {
    return std::exchange(observers_, empty_observers(setup_));
}

std::uint64_t batch_runner::forward_tokens() const {
    auto n = base_->forward_tokens();
    for (const auto& c : candidates_) n += c.reader->forward_tokens();
    return n;
}

std::unique_ptr<item_run> batch_runner::start(work_item item) const {
    auto r = std::make_unique<item_run>();
    r->path.assign(item.tokens.begin(), item.tokens.end());
    r->item = std::move(item);
    r->branches.resize(candidates_.size());
    return r;
}

status batch_runner::run(std::span<const std::size_t> items, std::span<std::vector<item_result>> results) {
    results_ = results;
    std::vector<work_item> work;
    work.reserve(items.size());
    for (const auto i : items) {
        auto item = setup_.work->get(i);
        if (!item.is_text) item.first_row = item.tokens.size() - 1;
        work.push_back(std::move(item));
    }
    const bool texts = !work.empty() && work.front().is_text;
    return texts ? run_texts(std::move(work)) : run_prompts(std::move(work));
}

// ---- a known path: every model reads it at once, then rows are compared tile by tile

status batch_runner::run_texts(std::vector<work_item> items) {
    std::vector<std::unique_ptr<item_run>> all;
    std::vector<item_run*> scored;
    for (auto& item : items) {
        auto& r = *all.emplace_back(start(std::move(item)));
        const auto first = std::min(r.item.first_row + 1, r.path.size());
        r.targets.assign(r.path.begin() + static_cast<std::ptrdiff_t>(first), r.path.end());
        bool is_stored = false;
        QSLIP_CHECK(read_stored(r, is_stored));
        if (!r.targets.empty()) scored.push_back(&r);
    }
    QSLIP_CHECK(compare_known(scored));
    for (auto& r : all) {
        if (setup_.sink) QSLIP_CHECK(setup_.sink(r->item, r->kept));
        QSLIP_CHECK(finish(*r));
    }
    return {};
}

/// The path of a stored run of the base, which must be this item's.
status batch_runner::read_stored(item_run& r, bool& is_stored) {
    QSLIP_TRY(const auto* stored, base_->stored_answer(r.item.index));
    is_stored = stored != nullptr;
    if (!is_stored) return {};
    const bool fits =
        r.item.is_text ? *stored == r.targets : !stored->empty() && stored->size() <= r.item.max_tokens;
    if (!fits)
        return {errc::conflict, "item " + quoted(r.item.id) + ": the capsule holds the rows of another item"};
    if (r.item.is_text) return {};
    r.targets = *stored;
    r.path.insert(r.path.end(), r.targets.begin(), r.targets.end() - 1);
    return {};
}

status batch_runner::compare_known(items_under_way items) {
    if (items.empty()) return {};
    std::vector<reading> batch;
    std::vector<due_row> rows;
    for (auto* r : items) {
        batch.push_back(r->next_reading());
        for (std::size_t i = 0; i < r->targets.size(); ++i) rows.push_back({r, i, 0});
    }
    QSLIP_CHECK(base_->read(batch));
    if (setup_.sink) QSLIP_CHECK(keep_base_rows(items));
    if (candidates_.empty()) return {};
    for (auto& c : candidates_) QSLIP_CHECK(c.reader->read(batch));
    return compare_rows(rows, true);
}

/// What the base's reader just read, for the sink.
status batch_runner::keep_base_rows(items_under_way items) {
    const std::size_t n_vocab = base_->n_vocab(), n_kept = setup_.vocab.n_vocab();
    std::size_t row = 0;
    for (auto* r : items) {
        const auto hidden = base_->hidden(row, r->targets.size());
        r->kept.targets = r->targets;
        r->kept.hidden.assign(hidden.begin(), hidden.end());
        for (std::size_t i = 0; setup_.keep_logits && i < r->targets.size(); ++i) {
            window_.resize(n_vocab);
            QSLIP_CHECK(base_->logits(row + i, 1, window_));
            r->kept.logits.insert(r->kept.logits.end(), window_.begin(),
                                  window_.begin() + static_cast<std::ptrdiff_t>(n_kept));
        }
        row += r->targets.size();
    }
    return {};
}

// ---- comparing

std::span<const float> batch_runner::base_row(std::size_t window_row) const {
    return std::span(window_).subspan(window_row * base_->n_vocab(), setup_.vocab.n_vocab());
}

/// The rows that the candidates were asked for, in their order; the base's are in the window, or its
/// reader's.
status batch_runner::compare_rows(std::span<const due_row> rows, bool from_base_reader) {
    for (std::size_t first = 0; first < rows.size(); first += tile_rows_) {
        const std::size_t n = std::min(tile_rows_, rows.size() - first);
        if (from_base_reader) {
            window_.resize(n * base_->n_vocab());
            QSLIP_CHECK(base_->logits(first, n, window_));
        }
        for (auto& c : candidates_) {
            c.logits.resize(n * c.reader->n_vocab());
            QSLIP_CHECK(c.reader->logits(first, n, c.logits));
        }
        for (std::size_t i = 0; i < n; ++i) {
            auto row = rows[first + i];
            if (from_base_reader) row.window_row = i;
            QSLIP_CHECK(compare_row(row, i));
        }
    }
    return {};
}

/// What a candidate's padded row holds beyond the vocabulary. A base from a capsule has no padding to tell
/// of.
static void add_cut_mass(std::span<const float> padded, std::size_t n_vocab, position_values& values) {
    if (padded.size() == n_vocab) return;
    values.cut_mass = metrics::cut_mass(padded, n_vocab);
    values.was_cut = std::isfinite(values.cut_mass);
}

/// The metrics of one scored position for every candidate.
status batch_runner::compare_row(const due_row& due, std::size_t tile_row) {
    auto& r = *due.of;
    const auto target = r.targets[due.index];
    const auto base = base_row(due.window_row);
    const bool digit = is_digit_token(setup_.vocab.token_bytes(target));
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
        const auto& seen = candidates_[c];
        const auto padded =
            std::span(seen.logits).subspan(tile_row * seen.reader->n_vocab(), seen.reader->n_vocab());
        const auto row = padded.first(setup_.vocab.n_vocab());
        values_[c] = compare_position(setup_.tier, base, row, target);
        add_cut_mass(padded, row.size(), values_[c]);
        QSLIP_CHECK(check_stored(r, target, values_[c]));
        QSLIP_CHECK(observers_[c].row({r, due.index, target, digit, values_[c], base, row}));
        take(r, target, c, values_[c]);
    }
    ++r.n_scored;
    const bool heard = !r.item.is_text && (values_.empty() || !values_.front().base_nonfinite);
    if (heard) r.heard.add(target, r.item, setup_.vocab);
    return {};
}

/// A stored path must be what the head says of the stored states.
status batch_runner::check_stored(const item_run& r, std::int32_t token,
                                  const position_values& values) const {
    if (r.item.is_text || values.top1_base == token || values.base_nonfinite) return {};
    return {errc::conflict,
            "item " + quoted(r.item.id) +
                ": the base's head chooses another token than the capsule holds; make the capsule again"};
}

static void count_position(item_result& r, const position_values& v, std::size_t token_index,
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

/// The candidate's side of a position: what it adds to the item, and whether its answer parts from the base's
/// here.
void batch_runner::take(item_run& r, std::int32_t token, std::size_t candidate, const position_values& v) {
    auto& b = r.branches[candidate];
    const auto index = r.item.is_text ? r.item.first_row + 1 + r.n_scored : r.n_scored;
    count_position(b.result, v, index, setup_.vocab);
    if (r.item.is_text) return;
    b.nonfinite |= v.cand_nonfinite && !b.left_at;
    if (b.left_at || !v.finite() || v.top1_cand == token) return;
    b.left_at = r.heard.tokens.size();
    b.own = r.heard;
    b.ended = b.own.add(v.top1_cand, r.item, setup_.vocab);
}

status batch_runner::finish(item_run& r) {
    if (r.item.judge != nullptr && !candidates_.empty()) r.base_judgement = r.heard.judged(r.item);
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
        auto& b = r.branches[c];
        auto& out = b.result;
        out.id = r.item.id;
        out.base_text = r.heard.text;
        out.cand_text = r.words_of(b).text;
        QSLIP_CHECK(observers_[c].answer({r, b, out, *base_}));
        results_[c][r.item.index] = std::move(out);
        candidates_[c].reader->end(r.item.index);
    }
    base_->end(r.item.index);
    return {};
}

}  // namespace qslip
