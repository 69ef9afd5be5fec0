#pragma once
#include <qslip/model.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace qslip {

/// One sequence to continue greedily.
struct greedy_item {
    std::span<const std::int32_t> prompt = {};  ///< follows what the cache holds; not empty
    kv_cache* cache = nullptr;                  ///< room for prompt and max_tokens
    std::size_t max_tokens = 0;
    std::vector<std::int32_t> tokens = {};  ///< out: the continuation, without the end-of-generation token
    bool ended = false;                     ///< out: the model ended it itself
};

/// What chose one token: item, index of the token in the continuation, its hidden and logit row.
/// Rows are borrowed for the call.
using greedy_observer = std::function<void(std::size_t item, std::size_t step, std::span<const float> hidden,
                                           std::span<const float> logits)>;

/// Continues all items in lockstep: largest logit, lowest id on ties, until end of generation or
/// max_tokens. The logits are bit-equal to scoring the same tokens. The caches end up holding the prompt
/// and every token but possibly the last. Errors: as scorer::hidden.
status generate_greedy(scorer& engine, std::span<greedy_item> items, const greedy_observer& observer = {});

}  // namespace qslip
