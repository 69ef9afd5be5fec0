#pragma once
#include <qslip/model/forward.hpp>

#include "eval/workload.hpp"

namespace qslip {

/// What all threads of a run share, read-only.
struct run_setup {
    model base;
    std::vector<model> candidates;
    const workload* work = nullptr;
    std::size_t n_vocab = 0;  ///< the tokenizer's: padded rows are cut to it
    limits lim;
    std::size_t cache_tokens = 0;  ///< tokens of prompts and answers a bundle may hold in caches at once
};

/// One thread's part of a candidate's result. Merging parts in any order gives the same state.
struct candidate_part {
    std::vector<slice_state> slices;
    run_exclusions exclusions;
};

/// One thread's engine: runs bundles of items through base and candidates in lockstep. Every number depends
/// on the item alone, never on its bundle.
class bundle_runner {
public:
    explicit bundle_runner(const run_setup& setup);

    /// All prompts, or all texts. `results[c]` is indexed by item.
    status run(std::span<const std::size_t> items, std::span<std::vector<item_result>> results);

    std::vector<candidate_part>& parts() noexcept { return parts_; }
    std::uint64_t forward_tokens() const noexcept { return forward_tokens_; }

private:
    struct arm {
        explicit arm(const model& m);
        scorer engine;
        std::size_t d_model, n_vocab;
        std::vector<float> hidden;  ///< [rows, d_model] of the latest forward
        std::vector<float> logits;  ///< one tile
    };
    struct sequence;

    status run_texts(std::vector<work_item> items, std::span<std::vector<item_result>> results);
    status run_prompts(std::vector<work_item> items, std::span<std::vector<item_result>> results);
    status run_chain(std::vector<work_item> items, std::span<std::vector<item_result>> results);
    status run_sequences(std::vector<sequence>& all, std::span<std::vector<item_result>> results);
    status prefill(std::vector<sequence>& all, std::size_t which);
    status share_prefix(std::vector<sequence>& all, std::size_t which, std::size_t n_shared);
    status step(std::vector<sequence>& all, std::vector<std::size_t>& active);
    status forward(arm& a, std::span<const batch_item> batch);
    status tile_logits(arm& a, std::size_t first_row, std::size_t n_rows);
    void compare_row(const work_item& item, std::size_t position, std::size_t tile_row, std::int32_t target,
                     std::span<position_values> values);
    void take(sequence& s, std::int32_t token, std::span<const position_values> values);
    status continue_own(std::vector<sequence>& all, std::size_t candidate);
    void finish(sequence& s, std::span<std::vector<item_result>> results);
    void judge_answers(const work_item& item, std::size_t candidate, item_result& r, bool candidate_ok);

    const run_setup& setup_;
    isa tier_;
    std::vector<arm> arms_;  ///< base first
    std::vector<candidate_part> parts_;
    std::size_t tile_rows_;
    std::uint64_t forward_tokens_ = 0;
};

}  // namespace qslip
