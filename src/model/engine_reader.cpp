#include "model/engine_reader.hpp"

#include <algorithm>
#include <utility>

namespace qslip {

namespace {

constexpr std::size_t min_shared_tokens = 8, room_step = 64;

std::size_t common_tokens(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

std::size_t engine_reader::cached_tokens() const noexcept {
    std::size_t n = 0;
    for (const auto& [id, s] : live_) n += s.cache.capacity();
    for (const auto& s : idle_) n += s.cache.capacity();
    return n;
}

/// Of the idle slots with that much room the one that begins most like the prompt.
engine_reader::slots::iterator engine_reader::best_idle(std::span<const std::int32_t> prompt,
                                                        std::size_t min_room) {
    auto best = idle_.end();
    std::size_t most = 0;
    for (auto s = idle_.begin(); s != idle_.end(); ++s) {
        if (s->cache.capacity() < min_room) continue;
        const auto n = common_tokens(s->tokens, prompt);
        if (best != idle_.end() && n < most) continue;
        best = s;
        most = n;
    }
    return best;
}

/// A new slot; what an idle one knows of the prompt is copied, idle ones beyond the limit are dropped.
result<engine_reader::slot> engine_reader::make_slot(std::span<const std::int32_t> prompt, std::size_t room) {
    const auto context =
        std::max(room, config().context_length);  // more than the model has: create() refuses
    const auto whole = std::min((room + room_step - 1) / room_step * room_step, context);
    QSLIP_TRY(auto cache, kv_cache::create(engine_.owner(), whole));
    slot made{std::move(cache), {}};
    if (const auto known = best_idle(prompt, 0); known != idle_.end()) {
        const auto n = common_tokens(known->tokens, prompt);
        if (n >= min_shared_tokens) {
            QSLIP_CHECK(made.cache.copy_prefix(known->cache, n));
            made.tokens.assign(prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(n));
        }
    }
    while (!idle_.empty() && cached_tokens() + whole > max_cached_tokens_) idle_.erase(idle_.begin());
    return made;
}

status engine_reader::begin(std::size_t id, std::span<const std::int32_t> prompt, std::size_t room) {
    const auto computed = prompt.first(prompt.size() - std::min<std::size_t>(1, prompt.size()));
    if (const auto found = best_idle(computed, room); found != idle_.end()) {
        const auto n = common_tokens(found->tokens, computed);
        QSLIP_CHECK(found->cache.truncate(n));
        found->tokens.resize(n);
        live_.insert_or_assign(id, std::move(*found));
        idle_.erase(found);
        return {};
    }
    QSLIP_TRY(auto made, make_slot(computed, room));
    live_.insert_or_assign(id, std::move(made));
    return {};
}

status engine_reader::forward(std::span<const batch_item> batch) {
    std::size_t rows = 0;
    for (const auto& b : batch) rows += b.tokens.size();
    hidden_.resize(rows * config().d_model);
    forward_tokens_ += rows;
    return engine_.hidden(batch, hidden_);
}

/// The new sequences of a batch by what neighbours have in common.
std::vector<engine_reader::family> engine_reader::families_of(std::span<const reading> batch) {
    std::vector<family> all;
    for (const auto& r : batch) {
        const auto found = live_.find(r.id);
        if (found == live_.end() || !found->second.tokens.empty()) continue;
        const auto own = r.path.first(r.first_row);
        const auto n = all.empty() ? 0 : common_tokens(all.back().shared, own);
        if (n < min_shared_tokens) all.push_back({own, {}});
        if (n >= min_shared_tokens) all.back().shared = own.first(n);
        all.back().members.push_back(&found->second);
    }
    std::erase_if(all, [](const family& f) { return f.members.size() < 2; });
    return all;
}

/// A beginning that several have in common is computed once and copied: the same numbers as computing it
/// again.
status engine_reader::share_beginnings(std::span<const reading> batch) {
    const auto families = families_of(batch);
    std::vector<batch_item> once;
    for (const auto& f : families) once.push_back({f.shared, &f.members.front()->cache});
    if (once.empty()) return {};
    QSLIP_CHECK(forward(once));
    for (const auto& f : families)
        for (auto* s : f.members) {
            if (s != f.members.front())
                QSLIP_CHECK(s->cache.copy_prefix(f.members.front()->cache, f.shared.size()));
            s->tokens.assign(f.shared.begin(), f.shared.end());
        }
    return {};
}

/// Moves the wanted rows of a forward pass to the front, in order.
void engine_reader::keep_wanted(std::span<const reading> batch, std::span<const batch_item> read) {
    const std::size_t d = config().d_model;
    auto out = hidden_.begin();
    std::size_t end = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        end += read[i].tokens.size();
        out = std::copy(hidden_.begin() + static_cast<std::ptrdiff_t>((end - batch[i].n_rows()) * d),
                        hidden_.begin() + static_cast<std::ptrdiff_t>(end * d), out);
    }
    hidden_.erase(out, hidden_.end());
}

status engine_reader::read(std::span<const reading> batch) {
    QSLIP_CHECK(share_beginnings(batch));
    std::vector<batch_item> items;
    items.reserve(batch.size());
    for (const auto& r : batch) {
        const auto found = live_.find(r.id);
        const bool begun = found != live_.end();
        items.push_back({begun ? r.path.subspan(found->second.tokens.size()) : r.path,
                         begun ? &found->second.cache : nullptr});
    }
    QSLIP_CHECK(forward(items));
    for (const auto& r : batch)
        if (const auto found = live_.find(r.id); found != live_.end())
            found->second.tokens.assign(r.path.begin(), r.path.end());
    keep_wanted(batch, items);
    return {};
}

std::span<const float> engine_reader::hidden(std::size_t first, std::size_t n) const {
    return std::span(hidden_).subspan(first * config().d_model, n * config().d_model);
}

status engine_reader::logits(std::size_t first, std::size_t n, std::span<float> out) {
    return engine_.logits(hidden(first, n), out);
}

status engine_reader::rewind(std::size_t id, std::size_t n_tokens) {
    auto& s = live_.at(id);
    QSLIP_CHECK(s.cache.truncate(n_tokens));
    s.tokens.resize(n_tokens);
    return {};
}

void engine_reader::end(std::size_t id) noexcept {
    const auto found = live_.find(id);
    if (found == live_.end()) return;
    idle_.push_back(std::move(found->second));
    live_.erase(found);
}

}  // namespace qslip
