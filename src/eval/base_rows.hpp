#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace qslip {

/// What the base says about one item: the token at each scored position, in order, and what predicts it.
struct base_rows {
    /// Texts: the item's own tokens. Prompts: the base's choices, the end of generation included.
    std::vector<std::int32_t> targets;
    std::vector<float> hidden;  ///< [targets, d_model]
    std::vector<float> logits;  ///< [targets, n_vocab of the tokenizer]; empty: the head makes them
};

}  // namespace qslip
