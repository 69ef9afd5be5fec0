#pragma once
#include <qslip/model.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace qslip {

/// One sequence to continue greedily.
struct greedy_item {
    std::span<const std::int32_t> prompt;  ///< follows what the cache holds; not empty
    kv_cache* cache = nullptr;             ///< room for prompt and max_tokens
    std::size_t max_tokens = 0;
    std::vector<std::int32_t> tokens;  ///< out: the continuation, without the end-of-generation token
    bool ended = false;                ///< out: the model ended it itself
};

/// What chose one token: item, index of the token in the continuation, its hidden and logit row.
/// Rows are borrowed for the call.
using greedy_observer = std::function<void(std::size_t item, std::size_t step, std::span<const float> hidden,
                                           std::span<const float> logits)>;

/// Continues all items in lockstep: largest logit, lowest id on ties, until end of generation or
/// max_tokens. The logits are bit-equal to scoring the same tokens. The caches end up holding the prompt
/// and every token but possibly the last. Errors: as scorer::hidden.
status generate_greedy(scorer& engine, std::span<greedy_item> items, const greedy_observer& observer = {});

/// The tokens of a conversation, rendered by the model's own chat template, with the assistant's turn opened.
/// `messages_json`: [{"role": "user", "content": "Hi"}, ...].
/// Errors: not_found (no template), unsupported (a construct outside the supported subset), those of
/// rendering.
result<std::vector<std::int32_t>> encode_messages(const model& m, std::string_view messages_json,
                                                  const limits& limits = {});

/// Takes the next rows of logits [n, n_vocab]; borrowed for the call. An error ends the run with it.
using logit_rows_observer = std::function<status(std::span<const float> rows)>;

/// Logits at every position of each list, each a sequence of its own: sum of lengths rows, in order, a block
/// at a time. `m` must be loaded. n_threads 0: one per core. Memory: d_model floats per row beside the block.
/// Errors: as scorer::hidden.
status teacher_forced_logits(const model& m, std::span<const std::vector<std::int32_t>> lists,
                             unsigned n_threads, const logit_rows_observer& observer);

}  // namespace qslip
