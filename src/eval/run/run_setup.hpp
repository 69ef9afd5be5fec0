#pragma once
#include <functional>
#include <vector>

#include "eval/arms/arm.hpp"
#include "eval/base_rows.hpp"
#include "eval/workload.hpp"

namespace qslip {

/// What all threads of a run share, read-only.
struct run_setup {
    const arm* base = nullptr;
    std::vector<const arm*> candidates = {};  ///< none: the base alone is run, for `sink`
    const workload* work = nullptr;
    tokenizer vocab;  ///< the base's; rows are cut to its tokens where they are padded
    isa tier;         ///< of the sweep
    qslip::limits limits = {};
    std::size_t cache_tokens = 0;  ///< tokens of prompts and answers that a thread may hold in caches at once
    /// Takes what the base said about an item. Called by all threads.
    std::function<status(const work_item&, const base_rows&)> sink = {};
    bool keep_logits = false;  ///< base_rows::logits for the sink
    /// Per item: how many of its scored positions, from the first, also run in the other modes; empty: none.
    std::vector<std::uint64_t> sampled_positions = {};
    std::vector<std::string> measure = {};  ///< optional measurements, by name
};

}  // namespace qslip
