#pragma once
#include <qslip/result.hpp>

#include <optional>
#include <string>
#include <vector>

#include "eval/base_rows.hpp"
#include "eval/workload.hpp"
#include "model/sequence_reader.hpp"

namespace qslip {

/// A continuation under way.
struct spoken {
    std::vector<std::int32_t> tokens;
    std::string text;

    /// True when the token ends it.
    bool add(std::int32_t token, const work_item& item, const tokenizer& vocab);
    /// Does the text hold one of the item's stop strings?
    bool has_stopped(const work_item& item) const;
    /// Of an item whose answers are judged.
    judgement judged(const work_item& item) const;
};

/// An item under way.
struct item_run {
    /// One candidate's answer.
    struct branch {
        spoken own;                          ///< its continuation, kept once it left the base's
        std::vector<std::int32_t> path;      ///< prompt and continuation, while it goes on
        std::optional<std::size_t> left_at;  ///< tokens of the base's that it agreed with
        bool ended = false, nonfinite = false;
        item_result result;
    };

    work_item item;
    std::vector<std::int32_t> path;     ///< what all read: prompt and the base's words, or the text
    std::vector<std::int32_t> targets;  ///< the token of each scored position
    spoken base, heard;                 ///< the base's words as it says them; as the comparison takes them
    base_rows kept;                     ///< for the sink
    std::size_t n_scored = 0;           ///< positions compared so far
    bool base_ended = false;
    std::size_t n_speaking = 0;  ///< candidates that go on by themselves
    std::vector<branch> branches;
    std::optional<judgement> base_judgement;  ///< where answers are judged and all have answered

    /// What was generated, the candidate's own words where it has some.
    const spoken& words_of(const branch& b) const { return b.left_at ? b.own : heard; }
    std::size_t room() const { return item.tokens.size() + item.max_tokens; }
    /// Reads on to the row of the last target, wanting those not compared yet.
    reading next_reading() const {
        return {item.index, std::span(path).first(item.first_row + targets.size()),
                item.first_row + n_scored};
    }
};

}  // namespace qslip
