#pragma once
#include <qslip/detail/metrics/compare_position.hpp>
#include <qslip/detail/metrics/position_metrics.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace qslip::metrics {
namespace QSLIP_SWEEP_BUILD {

/// KL(base || candidate) of next-token distributions from rows of logits, with everything that comes
/// from the same rows. One per slice and thread; merge() gives the same bytes in any order.
/// Unit: nats, >= 0; lower means closer to the base, which is not the same as better.
class logit_kl {
public:
    /// One position. `prompt` is the cluster: positions of one prompt are not independent.
    /// Shapes: base, cand [n_vocab]; any scale. `target`: the id that came next, -1 for none.
    /// False when the position could not be used; exclusions() says why (shape, non-finite).
    bool add(std::uint64_t prompt, std::span<const float> base, std::span<const float> cand,
             std::int32_t target = -1) {
        if (base.size() != cand.size() || base.empty()) {
            positions_.exclude(exclusion::shape);
            return false;
        }
        const auto v = compare_position(base, cand, target);
        positions_.add(v, prompt);
        return v.finite();
    }
    bool add(std::string_view prompt, std::span<const float> base, std::span<const float> cand,
             std::int32_t target = -1) {
        return add(cluster_of(prompt), base, cand, target);
    }
    void merge(const logit_kl& other) { positions_.merge(other.positions_); }

    /// Positions with a finite KL.
    std::uint64_t n() const { return summary().n; }
    /// 0 when n() is 0.
    double mean_nats() const { return summary().mean; }
    /// One-sided at 1 - alpha each, robust to clusters; [0, +inf] with fewer than two prompts.
    stats::interval bounds(double alpha = 0.05) const {
        return summary(alpha).bounds.value_or(stats::interval{0, std::numeric_limits<double>::infinity()});
    }
    exclusion_counts exclusions() const noexcept { return positions_.exclusions(); }
    /// All other metrics of the same positions.
    const position_accumulator& positions() const noexcept { return positions_; }
    bool operator==(const logit_kl&) const = default;

private:
    metric_summary summary(double alpha = 0.05) const {
        metric_summary none;
        none.which = metric::kl_fwd_nats;
        return positions_.summary(none.which, alpha).value_or(none);
    }
    position_accumulator positions_;
};

}  // namespace QSLIP_SWEEP_BUILD

using QSLIP_SWEEP_BUILD::logit_kl;

}  // namespace qslip::metrics
