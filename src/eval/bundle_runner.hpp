#pragma once
#include <qslip/model.hpp>

#include <functional>
#include <optional>

#include "eval/base_rows.hpp"
#include "eval/workload.hpp"

namespace qslip {

/// What all threads of a run share, read-only.
struct run_setup {
    model base;
    std::vector<model> candidates;  ///< none: the base alone is run, for `sink`
    const workload* work = nullptr;
    std::size_t n_vocab = 0;  ///< the tokenizer's: padded rows are cut to it
    qslip::limits limits;
    std::size_t cache_tokens = 0;  ///< tokens of prompts and answers a bundle may hold in caches at once
    const base_row_source* source = nullptr;  ///< the base's rows; none: the base is run
    /// Takes what the base said about an item. Called by all threads.
    std::function<status(const work_item&, const base_rows&)> sink = {};
    bool keep_logits = false;  ///< base_rows::logits for the sink
    /// Per item: how many of its scored positions, from the first, also run in the other modes; empty: none.
    std::vector<std::uint64_t> sampled_positions = {};
    bool attention = false;  ///< also compare each candidate's attention with the base's
};

/// Part of a candidate's result. Merging parts in any order gives the same state.
struct candidate_part {
    std::vector<slice_state> slices;
    run_exclusions exclusions;
    mode_sample sample;
    metrics::attention_shift attention;

    void merge(const candidate_part& other) {
        for (std::size_t s = 0; s < slices.size(); ++s) slices[s].merge(other.slices[s]);
        exclusions.merge(other.exclusions);
        sample.merge(other.sample);
        attention.merge(other.attention);
    }
};
/// Nothing seen yet, one part a candidate.
std::vector<candidate_part> empty_parts(const run_setup& setup);

/// One thread's engine: runs bundles of items, first through the base, then through the candidates on the
/// base's path. Every number depends on the item alone, never on its bundle.
class bundle_runner {
public:
    explicit bundle_runner(const run_setup& setup);

    /// All prompts, or all texts. `results[c]` is indexed by item.
    status run(std::span<const std::size_t> items, std::span<std::vector<item_result>> results);

    /// What the bundles since the last call came to, one part a candidate.
    std::vector<candidate_part> take_parts();
    std::uint64_t forward_tokens() const noexcept { return forward_tokens_; }

private:
    struct arm {
        explicit arm(const model& m);
        scorer engine;
        std::size_t d_model, n_vocab;
        std::vector<float> hidden;  ///< [rows, d_model] of the latest forward
        std::vector<float> logits;  ///< one tile
        /// The first n logits of a row of the tile.
        std::span<const float> row(std::size_t i, std::size_t n) const {
            return std::span(logits).subspan(i * n_vocab, n);
        }
    };
    struct sequence;
    /// A scored position of a bundle.
    struct scored_row {
        sequence* of;
        std::size_t index;  ///< in the base's rows
    };
    static std::vector<scored_row> rows_of(std::span<sequence> all);

    status run_texts(std::vector<work_item> items, std::span<std::vector<item_result>> results);
    status run_prompts(std::vector<work_item> items, std::span<std::vector<item_result>> results);
    status run_chain(std::vector<work_item> items, std::span<std::vector<item_result>> results);
    status run_sequences(std::vector<sequence>& all, std::span<std::vector<item_result>> results);
    std::size_t first_run_arm() const { return setup_.source != nullptr ? 1 : 0; }
    status make_caches(sequence& s, std::size_t room);
    status prefill(std::vector<sequence>& all);
    status share_prefix(std::vector<sequence>& all, std::size_t which, std::size_t n_shared);
    status read_base(sequence& s) const;
    status read_texts(std::vector<sequence>& all);
    status generate(std::vector<sequence>& all);
    status step(std::vector<sequence>& all, std::vector<std::size_t>& active);
    status forward(arm& a, std::span<const batch_item> batch);
    status logits_of(arm& a, std::span<const float> hidden_rows);
    status follow(std::span<sequence> all, arm& a, std::size_t which);
    status compare_paths(std::vector<sequence>& all);
    status base_tile(std::span<const scored_row> rows);
    status keep_logits(std::vector<sequence>& all);
    status score(std::vector<sequence>& all);
    status sample(std::vector<sequence>& all, std::size_t candidate);
    status take_sample(std::size_t candidate, std::span<const scored_row> rows, std::span<arm* const> arms);
    status compare_attention_of(const sequence& s, std::size_t candidate);
    void compare_row(const work_item& item, std::size_t position, std::size_t tile_row, std::int32_t target,
                     std::span<position_values> values);
    void take(sequence& s, std::int32_t token, std::span<const position_values> values);
    status continue_own(std::vector<sequence>& all, std::size_t candidate);
    status finish(std::vector<sequence>& all, std::span<std::vector<item_result>> results);
    void judge_answers(sequence& s, std::size_t candidate);
    status locate_breaks(std::vector<sequence>& all, std::size_t candidate);
    status base_rows_at_breaks(std::vector<sequence>& all, std::span<const std::size_t> broken,
                               std::size_t candidate);

    const run_setup& setup_;
    isa tier_;
    std::vector<arm> arms_;  ///< base first
    std::vector<candidate_part> parts_;
    std::size_t tile_rows_;
    std::uint64_t forward_tokens_ = 0;
};

}  // namespace qslip
