#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace qslip {

/// One merge: `left` `right` become `product`. Token ids.
struct bpe_merge {
    std::int32_t left, right, product;
};

/// The merges of a vocabulary, best first, with their index: sorted rows per left token, so that a lookup
/// costs O(log n) for whatever merges a file holds.
class merge_table {
public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    /// `ranks`: one per merge, not falling, 0 is best; empty: the place in the list. Merges of equal rank go
    /// from left to right in a word.
    /// Needs: ids in [0, n_vocab), fewer than `none` merges. Errors: format (a pair listed twice).
    static result<merge_table> create(std::vector<bpe_merge> merges, std::size_t n_vocab,
                                      std::vector<std::uint32_t> ranks = {});

    /// Index of the merge of two tokens; `none` when there is none.
    std::uint32_t find(std::int32_t left, std::int32_t right) const noexcept;
    /// Rank of a merge found; `none` of none.
    std::uint32_t rank(std::uint32_t index) const noexcept {
        return index == none || ranks_.empty() ? index : ranks_[index];
    }
    std::int32_t product(std::uint32_t index) const noexcept { return merges_[index].product; }
    std::span<const bpe_merge> merges() const noexcept { return merges_; }

private:
    struct entry {
        std::int32_t right;
        std::uint32_t index;
    };
    std::vector<bpe_merge> merges_;
    std::vector<std::uint32_t> ranks_;
    std::vector<std::uint32_t> row_;  // [n_vocab + 1]: entries of left token i are row_[i] .. row_[i + 1]
    std::vector<entry> entries_;
};

/// Applies merges to one word: always the best-ranked pair, the leftmost of equals, until none is left.
/// Scratch of one thread.
class word_merger {
public:
    explicit word_merger(const merge_table& merges) : merges_(&merges) {}

    /// `ids` holds the tokens a word starts from and receives its tokens. Time: O(n log n).
    /// Errors: limit (a word of 2^32 - 1 tokens or more).
    status merge(std::vector<std::int32_t>& ids);

    /// The two ways to do it; equal results, the first is faster on short words.
    void merge_by_scan(std::vector<std::int32_t>& ids);
    void merge_by_queue(std::vector<std::int32_t>& ids);

private:
    void offer(std::uint32_t at);

    const merge_table* merges_;
    std::vector<std::uint32_t> found_;  // the merge of the pair that starts at a position
    // For long words: a linked list over positions, and (rank, position) of every pair that may be merged.
    std::vector<std::uint32_t> previous_, next_;
    std::vector<std::uint64_t> queue_;
    std::vector<std::int32_t>* ids_ = nullptr;
};

}  // namespace qslip
