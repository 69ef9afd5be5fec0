#pragma once
#include <qslip/model.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace qslip {

/// One prompt and its greedy continuation.
struct generation {
    std::vector<std::int32_t> prompt = {};  ///< not empty
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
