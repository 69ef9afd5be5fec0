#pragma once
#include <qslip/model.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace qslip {

/// One prompt and its greedy continuation.
struct generation {
    std::vector<std::int32_t> prompt;  ///< not empty
    std::size_t max_tokens = 0;
    std::vector<std::int32_t> tokens = {};  ///< out: the continuation, without the end-of-generation token
    bool ended = false;                     ///< out: the model ended it itself
};

/// What chose one token: item, index of the token in the continuation, its hidden and logit row.
/// Rows are borrowed for the call.
using generation_observer = std::function<void(std::size_t item, std::size_t step,
                                               std::span<const float> hidden, std::span<const float> logits)>;

struct generate_options {
    unsigned threads = 1;        ///< work on one batch. Results do not depend on it
    std::size_t max_batch = 64;  ///< sequences decoded together, at least 1
    std::uint64_t cache_bytes = std::uint64_t{1}
                                << 30;  ///< keys and values at one time; one sequence always runs
    generation_observer on_row = {};
};

/// Continues all prompts, each with the largest logit (the lowest id on ties) until its end of generation or
/// max_tokens. Prompts that end make room for waiting ones, so the batch stays full. The logits are bit-equal
/// to scoring the same tokens, whatever is decoded together. Errors: as scorer::hidden; empty (a prompt
/// without tokens).
status generate(const model& m, std::span<generation> items, const generate_options& options = {});

}  // namespace qslip
