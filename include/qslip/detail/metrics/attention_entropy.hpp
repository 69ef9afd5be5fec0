#pragma once
#include <qslip/detail/core/math.hpp>

#include <cmath>
#include <cstddef>
#include <optional>
#include <span>

namespace qslip::metrics {

/// How spread one query's attention is over the m keys it sees.
struct attention_spread {
    double entropy_nats;        ///< -sum a ln a, in [0, ln m]
    double normalized_entropy;  ///< entropy_nats / ln m, in [0, 1]
    double sink_mass;           ///< weight on keys 0..3
};

/// Shapes: weights [m], m >= 2, the visible keys' attention after the softmax.   Allocates: no.
/// Empty when m < 2, a weight is negative or not finite, or they do not sum to 1 within 1e-3.
inline std::optional<attention_spread> attention_entropy(std::span<const float> weights) noexcept {
    double sum = 0, entropy = 0, sink = 0;
    for (std::size_t j = 0; j < weights.size(); ++j) {
        const double a = static_cast<double>(weights[j]);
        if (!(a >= 0)) return std::nullopt;
        sum += a;
        if (a > 0) entropy -= a * math::log(a);
        if (j < 4) sink += a;
    }
    if (weights.size() < 2 || !(std::fabs(sum - 1) <= 1e-3)) return std::nullopt;
    return attention_spread{entropy, entropy / math::log(static_cast<double>(weights.size())), sink};
}

}  // namespace qslip::metrics
