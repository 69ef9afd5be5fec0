#pragma once
#include <qslip/detail/stats/beta.hpp>

namespace qslip::stats {

/// The point of [lo, hi] where `below(x)` turns from true to false, bisected until the bracket is
/// `relative` of its upper end or `absolute` wide.
template <class Predicate>
double bisect(double lo, double hi, Predicate below, double relative = 4e-16, double absolute = 0) {
    for (int i = 0; i < 1200; ++i) {
        const double mid = lo + 0.5 * (hi - lo);
        if (hi - lo <= std::max(absolute, relative * std::max(std::fabs(lo), std::fabs(hi)))) return mid;
        if (mid <= lo || mid >= hi) return mid;
        (below(mid) ? lo : hi) = mid;
    }
    return 0.5 * (lo + hi);
}

/// Quantile of Beta(a, b); p in [0, 1].
inline double beta_quantile(double p, double a, double b) {
    if (p <= 0) return 0;
    if (p >= 1) return 1;
    if (p <= 0.5) return bisect(0, 1, [&](double x) { return beta_inc(a, b, x).lower < p; });
    return bisect(0, 1, [&](double x) { return beta_inc(a, b, x).upper > 1 - p; });
}

/// Quantile of Student's t; p in (0, 1), df > 0.
inline double t_quantile(double p, double df) {
    if (p == 0.5) return 0;
    const double tail = std::min(p, 1 - p);
    double hi = 1;
    while (t_sf(hi, df) > tail && hi < 1e300) hi *= 2;
    const double t = bisect(0, hi, [&](double x) { return t_sf(x, df) > tail; });
    return p < 0.5 ? -t : t;
}

/// Quantile of chi-squared; p in [0, 1), df > 0.
inline double chi2_quantile(double p, double df) {
    if (p <= 0) return 0;
    double hi = df + 1;
    while (chi2_cdf(hi, df) < p && hi < 1e300) hi *= 2;
    if (p <= 0.5) return bisect(0, hi, [&](double x) { return chi2_cdf(x, df) < p; });
    return bisect(0, hi, [&](double x) { return gamma_inc(0.5 * df, 0.5 * x).upper > 1 - p; });
}

}  // namespace qslip::stats
