#pragma once
#include <qslip/detail/stats/intervals.hpp>

namespace qslip::stats {

/// One cluster of paired scores: damage = base score - candidate score when higher is better.
struct score_cluster {
    std::uint64_t id = 0;
    std::uint64_t n = 0;
    double sum = 0;          ///< of damage
    double sum_squares = 0;  ///< of damage squared, for the design effect only
};

/// Paired scores of a cell; `width` is the range of one arm's score, so damage is in [-width, width].
struct score_summary {
    cluster_estimate damage;
    double deff = 1;
    double width = 1;
};

/// Errors: empty; arg for a width that is not positive; nonfinite.
inline result<score_summary> summarize_scores(std::span<const score_cluster> clusters, double width) {
    if (!(width > 0)) return status(errc::arg, "score range must be positive");
    std::vector<cluster_sum> damage;
    damage.reserve(clusters.size());
    double sum = 0, squares = 0;
    for (const auto& g : by_id(clusters)) {
        damage.push_back({g.id, g.n, g.sum});
        sum += g.sum;
        squares += g.sum_squares;
    }
    if (!std::isfinite(sum) || !std::isfinite(squares))
        return status(errc::nonfinite, "a score is not finite");
    score_summary out;
    QSLIP_TRY(out.damage, cluster_ratio(damage));
    out.width = width;
    const double n = static_cast<double>(out.damage.n_rows);
    const double independent = n > 1 ? se_iid(n, sum, squares) : 0;
    if (independent > 0) out.deff = (out.damage.se / independent) * (out.damage.se / independent);
    return out;
}

namespace detail {

/// p of a distance between the budget and a mean without variance: inverts docs/method.md 6.
inline double zero_variance_p(const score_summary& s, double distance) {
    if (distance <= 0) return 1;
    if (distance >= s.width) return 0;
    return norm_sf(std::sqrt(static_cast<double>(s.damage.n_clusters) * distance / (s.width - distance)));
}

}  // namespace detail

/// p of H0 "damage >= budget" from the cluster-robust t, or from 11.6 when no cluster varies.
inline double p_pass(const score_summary& s, double budget) {
    if (!s.damage.has_interval()) return 1;
    if (s.damage.se == 0) return detail::zero_variance_p(s, budget - s.damage.mean);
    return t_cdf((s.damage.mean - budget) / s.damage.se, s.damage.df());
}

/// p of H0 "damage <= budget".
inline double p_fail(const score_summary& s, double budget) {
    if (!s.damage.has_interval()) return 1;
    if (s.damage.se == 0) return detail::zero_variance_p(s, s.damage.mean - budget);
    return t_sf((s.damage.mean - budget) / s.damage.se, s.damage.df());
}

/// L and U of the report, clamped to the range damage can have.
inline interval verdict_bounds(const score_summary& s, double alpha_fail, double alpha_pass) {
    if (!s.damage.has_interval()) return {-s.width, s.width};
    const double g = static_cast<double>(s.damage.n_clusters);
    interval out = s.damage.se == 0
                       ? interval{s.damage.mean - zero_variance_upper(s.width, g, z_upper(alpha_fail)),
                                  s.damage.mean + zero_variance_upper(s.width, g, z_upper(alpha_pass))}
                       : interval{s.damage.bounds(alpha_fail).lower, s.damage.bounds(alpha_pass).upper};
    return {std::max(-s.width, out.lower), std::min(s.width, out.upper)};
}

}  // namespace qslip::stats
