#pragma once
#include <qslip/model.hpp>

#include <cstddef>

namespace qslip {

/// Tokens per second of one model in one mode, medians of five.
struct model_speed {
    numerics mode = numerics::f32;
    double sequences_tok_s = 0;  ///< one sequence of n_tokens per thread, logits of every position
    double shared_tok_s = 0;     ///< one sequence of n_tokens shared by the threads, logits of every position
    double decode_tok_s = 0;     ///< one token at a time, shared by the threads
    double decode_gb_s = 0;      ///< weights read for it
};

struct model_work {
    std::size_t n_tokens = 512;   ///< of a sequence
    std::size_t n_decoded = 128;  ///< tokens decoded one by one
    unsigned n_threads = 1;
};

/// A loaded model at work on made-up tokens. Errors: those of scorer.
result<model_speed> measure_model(const model& m, const model_work& work);

}  // namespace qslip
