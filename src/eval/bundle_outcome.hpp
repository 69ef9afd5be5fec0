#pragma once
#include <qslip/detail/core/bytes.hpp>

#include "eval/bundle_runner.hpp"

namespace qslip {

/// What a bundle of items came to, for each candidate.
struct bundle_outcome {
    std::vector<std::size_t> items;
    std::vector<candidate_part> parts;
    std::vector<std::vector<item_result>> results;  ///< [candidate][as items]
};

/// How many of each a run has: what a stored outcome must fit.
struct outcome_shape {
    std::size_t n_items, n_candidates, n_slices;
};

void save(const bundle_outcome& outcome, byte_writer& out);
/// Clears in.ok() when the bytes hold no outcome of that shape. They may be hostile.
bundle_outcome load_outcome(byte_reader& in, const outcome_shape& shape);

}  // namespace qslip
