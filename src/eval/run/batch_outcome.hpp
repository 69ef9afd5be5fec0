#pragma once
#include "eval/observers/observer.hpp"

namespace qslip {

/// What a batch of items came to, for each candidate.
struct batch_outcome {
    std::vector<std::size_t> items;
    std::vector<observer_set> observers;
    std::vector<std::vector<item_result>> results;  ///< [candidate][as items]
};

void save(const batch_outcome& outcome, byte_writer& out);
/// Clears in.ok() when the bytes hold no outcome of that run. They may be hostile.
batch_outcome load_outcome(byte_reader& in, const run_setup& setup);

}  // namespace qslip
