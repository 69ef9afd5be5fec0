// Prompts: the base decodes greedily, the candidates follow its path window by window and, where they leave
// it, their own. What ends makes room for what waits.
#include <algorithm>
#include <cmath>
#include <utility>

#include "eval/run/batch_runner.hpp"

namespace qslip {

namespace {

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

status batch_runner::run_prompts(std::vector<work_item> items) {
    waiting_ = std::move(items);
    next_ = 0;
    for (;;) {
        QSLIP_CHECK(admit());
        if (live_.empty()) return {};
        QSLIP_CHECK(decode_base());
        QSLIP_CHECK(compare_window());
        QSLIP_CHECK(settle_ended());
        const bool is_blocked = next_ < waiting_.size() && !has_room(waiting_[next_]);
        if (decoding_.empty() || (is_blocked && 2 * decoding_.size() < max_live_))
            QSLIP_CHECK(continue_answers());
    }
}

bool batch_runner::has_room(const work_item& item) const {
    return live_.empty() || (live_.size() < max_live_ &&
                             used_tokens_ + item.tokens.size() + item.max_tokens <= setup_.cache_tokens);
}

status batch_runner::admit() {
    std::vector<item_run*> stored;
    for (; next_ < waiting_.size() && has_room(waiting_[next_]); ++next_) {
        auto& r = *live_.emplace(waiting_[next_].index, start(std::move(waiting_[next_]))).first->second;
        used_tokens_ += r.room();
        for (auto& c : candidates_) QSLIP_CHECK(c.reader->begin(r.item.index, r.item.tokens, r.room()));
        QSLIP_CHECK(read_stored(r, r.base_ended));
        if (r.base_ended) {
            stored.push_back(&r);
            continue;
        }
        QSLIP_CHECK(base_->begin(r.item.index, r.item.tokens, r.room()));
        decoding_.add(r.item.index, r.path);
    }
    return compare_known(stored);
}

/// Steps of the base while its window has room for another one.
status batch_runner::decode_base() {
    window_.resize(window_rows_ * base_->n_vocab());
    while (!decoding_.empty() && due_.size() + decoding_.size() <= window_rows_) {
        const auto free = std::span(window_).subspan(due_.size() * base_->n_vocab());
        QSLIP_CHECK(decoding_.step(
            free, [&](std::size_t id, const row_view& row) { return record_base_token(id, row); }));
        if (candidates_.empty()) break;
    }
    return {};
}

std::optional<std::int32_t> batch_runner::record_base_token(std::size_t id, const row_view& row) {
    auto& r = *live_.at(id);
    const auto logits = row.logits.first(setup_.vocab.n_vocab());
    const auto token = argmax(logits);
    due_.push_back({&r, r.targets.size(), due_.size()});
    r.targets.push_back(token);
    if (setup_.sink) {
        r.kept.targets.push_back(token);
        r.kept.hidden.insert(r.kept.hidden.end(), row.hidden.begin(), row.hidden.end());
        if (setup_.keep_logits) r.kept.logits.insert(r.kept.logits.end(), logits.begin(), logits.end());
    }
    r.base_ended = !is_distribution(logits) || r.base.add(token, r.item, setup_.vocab);
    return r.base_ended ? std::nullopt : std::optional(token);
}

/// The candidates read what the base said since the last window.
status batch_runner::compare_window() {
    auto due = std::exchange(due_, {});
    if (candidates_.empty() || due.empty()) return {};
    std::ranges::stable_sort(due, {}, [](const due_row& row) { return row.of->item.index; });
    std::vector<reading> batch;
    for (std::size_t i = 0; i < due.size(); ++i)
        if (i == 0 || due[i].of != due[i - 1].of) batch.push_back(due[i].of->next_reading());
    for (auto& c : candidates_) QSLIP_CHECK(c.reader->read(batch));
    return compare_rows(due, false);
}

/// Items that the base has answered: each candidate that left its path goes on alone, the others are done.
status batch_runner::settle_ended() {
    for (auto at = live_.begin(); at != live_.end();) {
        auto& r = *at->second;
        ++at;
        if (r.base_ended && r.n_speaking == 0) QSLIP_CHECK(settle(r));
    }
    return {};
}

status batch_runner::settle(item_run& r) {
    if (setup_.sink) QSLIP_CHECK(setup_.sink(r.item, r.kept));
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
        auto& b = r.branches[c];
        if (!b.left_at || b.ended || r.item.judge == nullptr) continue;
        QSLIP_CHECK(candidates_[c].reader->rewind(r.item.index, r.item.tokens.size() + *b.left_at));
        b.path.assign(r.item.tokens.begin(), r.item.tokens.end());
        b.path.insert(b.path.end(), b.own.tokens.begin(), b.own.tokens.end());
        candidates_[c].speaking.add(r.item.index, b.path);
        ++r.n_speaking;
    }
    return r.n_speaking == 0 ? release(r) : status();
}

/// The rest of the answers that left the base's path.
status batch_runner::continue_answers() {
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
        auto& own = candidates_[c];
        while (!own.speaking.empty()) {
            own.logits.resize(own.speaking.size() * own.reader->n_vocab());
            QSLIP_CHECK(own.speaking.step(own.logits, [&](std::size_t id, const row_view& row) {
                return record_own_token(id, c, row);
            }));
            for (const auto id : std::exchange(answered_, {})) QSLIP_CHECK(release(*live_.at(id)));
        }
    }
    return {};
}

std::optional<std::int32_t> batch_runner::record_own_token(std::size_t id, std::size_t candidate,
                                                           const row_view& row) {
    auto& r = *live_.at(id);
    auto& b = r.branches[candidate];
    const auto logits = row.logits.first(setup_.vocab.n_vocab());
    const auto token = argmax(logits);
    b.nonfinite |= !std::isfinite(logits[static_cast<std::size_t>(token)]);
    b.ended = b.nonfinite || b.own.add(token, r.item, setup_.vocab);
    if (!b.ended) return token;
    if (--r.n_speaking == 0) answered_.push_back(id);
    return std::nullopt;
}

/// All have answered: its room is free.
status batch_runner::release(item_run& r) {
    QSLIP_CHECK(finish(r));
    used_tokens_ -= r.room();
    live_.erase(r.item.index);
    return {};
}

}  // namespace qslip
