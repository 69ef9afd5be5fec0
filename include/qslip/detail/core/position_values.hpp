#pragma once
#include <cstdint>

namespace qslip {

/// What one position says about a base row P and a candidate row Q of logits. Filled by the sweep
/// (metrics/sweep-inl.h), which kernels compile once per instruction set; same bits from every one.
/// Natural logarithms; definitions: Kullback & Leibler 1951 (kl), Lin 1991 (js).
struct position_values {
    double kl_fwd_nats = 0;        ///< KL(P || Q), >= 0; +inf where Q masks a token P allows
    double kl_rev_nats = 0;        ///< KL(Q || P), >= 0; +inf where P masks a token Q allows
    double js_nats = 0;            ///< Jensen-Shannon divergence, in [0, ln 2]
    double tv = 0;                 ///< total variation, in [0, 1]
    double entropy_base_nats = 0;  ///< H(P)
    double entropy_cand_nats = 0;  ///< H(Q)
    double nll_base_nats = 0;      ///< -ln P(target); meaningful when has_target
    double nll_cand_nats = 0;      ///< -ln Q(target); meaningful when has_target
    double dp = 0;                 ///< Q(target) - P(target); meaningful when has_target
    double cut_mass = 0;           ///< Q's probability of padding that was cut off; meaningful when was_cut
    double margin_nats = 0;        ///< base top logit minus the next one, >= 0, may be +inf
    std::int32_t top1_base = -1;   ///< the largest logit's id, the lowest on ties
    std::int32_t top1_cand = -1;
    bool top1_tie = false;       ///< some token is a largest one in both rows
    bool has_margin = false;     ///< false with a vocabulary of one
    bool has_target = false;     ///< a target was given and both rows allow it
    bool was_cut = false;        ///< Q was padded beyond what is compared
    bool target_masked = false;  ///< a target was given that a row masks or does not have
    bool kl_fwd_infinite = false;
    bool kl_rev_infinite = false;
    bool base_nonfinite = false;  ///< NaN, +inf, or all -inf: nothing else is meaningful then
    bool cand_nonfinite = false;

    bool finite() const noexcept { return !base_nonfinite && !cand_nonfinite; }
    bool support_mismatch() const noexcept { return kl_fwd_infinite || kl_rev_infinite; }
    bool top1_agrees() const noexcept { return top1_base == top1_cand; }
};

}  // namespace qslip
