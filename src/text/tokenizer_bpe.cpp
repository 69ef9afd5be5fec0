#include "text/tokenizer_bpe.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace qslip {

result<merge_table> merge_table::create(std::vector<bpe_merge> merges, std::size_t n_vocab,
                                        std::vector<std::uint32_t> ranks) {
    merge_table made;
    made.row_.assign(n_vocab + 1, 0);
    for (const auto& m : merges) ++made.row_[static_cast<std::size_t>(m.left) + 1];
    for (std::size_t i = 1; i < made.row_.size(); ++i) made.row_[i] += made.row_[i - 1];

    made.entries_.resize(merges.size());
    auto free_slot = made.row_;
    for (std::uint32_t i = 0; i < merges.size(); ++i)
        made.entries_[free_slot[static_cast<std::size_t>(merges[i].left)]++] = {merges[i].right, i};

    for (std::size_t i = 0; i < n_vocab; ++i) {
        const auto begin = made.entries_.begin() + made.row_[i],
                   end = made.entries_.begin() + made.row_[i + 1];
        std::sort(begin, end, [](const entry& a, const entry& b) { return a.right < b.right; });
        const auto twice =
            std::adjacent_find(begin, end, [](const entry& a, const entry& b) { return a.right == b.right; });
        if (twice != end)
            return status(errc::format, "merges " + std::to_string(twice->index) + " and " +
                                            std::to_string((twice + 1)->index) + " join the same pair");
    }
    made.merges_ = std::move(merges);
    made.ranks_ = std::move(ranks);
    return made;
}

std::uint32_t merge_table::find(std::int32_t left, std::int32_t right) const noexcept {
    const auto row = static_cast<std::size_t>(left);
    const auto begin = entries_.begin() + row_[row], end = entries_.begin() + row_[row + 1];
    const auto found =
        std::lower_bound(begin, end, right, [](const entry& e, std::int32_t id) { return e.right < id; });
    return found != end && found->right == right ? found->index : none;
}

status word_merger::merge(std::vector<std::int32_t>& ids) {
    constexpr std::size_t scan_up_to = 32;
    if (ids.size() >= merge_table::none)
        return {errc::limit,
                "a word of " + std::to_string(ids.size()) + " tokens; at most 4294967294 can be merged"};
    if (ids.size() <= scan_up_to) {
        merge_by_scan(ids);
    } else {
        merge_by_queue(ids);
    }
    return {};
}

void word_merger::merge_by_scan(std::vector<std::int32_t>& ids) {
    if (ids.size() < 2) return;
    found_.resize(ids.size() - 1);
    for (std::size_t i = 0; i < found_.size(); ++i) found_[i] = merges_->find(ids[i], ids[i + 1]);
    const auto is_better = [&](std::uint32_t a, std::uint32_t b) {
        return merges_->rank(a) < merges_->rank(b);
    };
    while (!found_.empty()) {
        const auto best = std::min_element(found_.begin(), found_.end(), is_better);
        if (*best == merge_table::none) return;
        const auto at = best - found_.begin();
        ids[static_cast<std::size_t>(at)] = merges_->product(*best);
        ids.erase(ids.begin() + at + 1);
        found_.erase(best);
        const auto i = static_cast<std::size_t>(at);
        if (i > 0) found_[i - 1] = merges_->find(ids[i - 1], ids[i]);
        if (i < found_.size()) found_[i] = merges_->find(ids[i], ids[i + 1]);
    }
}

/// Looks up the pair that starts at position `at` and queues it if it can be merged.
void word_merger::offer(std::uint32_t at) {
    const auto& ids = *ids_;
    const std::uint32_t right = next_[at];
    found_[at] = right < ids.size() ? merges_->find(ids[at], ids[right]) : merge_table::none;
    if (found_[at] == merge_table::none) return;
    queue_.push_back(std::uint64_t{merges_->rank(found_[at])} << 32 | at);
    std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
}

void word_merger::merge_by_queue(std::vector<std::int32_t>& ids) {
    constexpr std::int32_t gone = -1;
    const auto n = static_cast<std::uint32_t>(ids.size());
    ids_ = &ids;
    queue_.clear();
    found_.assign(n, merge_table::none);
    previous_.resize(n);
    next_.resize(n);
    for (std::uint32_t i = 0; i < n; ++i) {
        previous_[i] = i - 1;  // of the first: none, as it wraps
        next_[i] = i + 1;
    }
    for (std::uint32_t i = 0; i < n; ++i) offer(i);

    while (!queue_.empty()) {
        std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
        const auto rank = static_cast<std::uint32_t>(queue_.back() >> 32);
        const auto at = static_cast<std::uint32_t>(queue_.back());
        queue_.pop_back();
        if (merges_->rank(found_[at]) != rank) continue;  // the pair changed since it was queued

        const std::uint32_t right = next_[at];
        ids[at] = merges_->product(found_[at]);
        ids[right] = gone;
        found_[right] = merge_table::none;
        next_[at] = next_[right];
        if (next_[at] < n) previous_[next_[at]] = at;
        offer(at);
        if (at > 0) offer(previous_[at]);
    }
    ids.erase(std::remove(ids.begin(), ids.end(), gone), ids.end());
}

}  // namespace qslip
