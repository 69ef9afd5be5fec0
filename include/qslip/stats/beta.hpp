#pragma once
#include <qslip/stats/gamma.hpp>

#include <algorithm>

namespace qslip::stats {

namespace detail {

/// x^a y^b / B(a, b) with y = 1 - x, saddle-point form (Loader 2000): no large logarithms cancel.
inline double beta_term(double a, double b, double x, double y) {
    const double n = a + b;
    const double exponent =
        stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    return std::sqrt(a * (b / n)) * exp(exponent) / 2.5066282746310005024;
}

inline double away_from_zero(double x) { return std::fabs(x) < 1e-300 ? 1e-300 : x; }

/// The continued fraction of I_x(a, b) by the modified Lentz method; fast for x < (a+1)/(a+b+2).
inline double beta_fraction(double a, double b, double x) {
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;
    for (double m = 1; m < 4e6; m += 1) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        h *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        h *= d * c;
        if (std::fabs(d * c - 1) < 3e-16) break;
    }
    return h;
}

}  // namespace detail

/// Regularized incomplete beta function I_x(a, b) and its complement; a, b > 0, y = 1 - x given
/// apart because the caller often knows it better.
inline tails beta_inc(double a, double b, double x, double y) {
    if (x <= 0) return {0, 1};
    if (y <= 0) return {1, 0};
    if (x > (a + 1) / (a + b + 2)) {
        const auto mirrored = beta_inc(b, a, y, x);
        return {mirrored.upper, mirrored.lower};
    }
    const double lower = std::min(1.0, detail::beta_term(a, b, x, y) * detail::beta_fraction(a, b, x) / a);
    return {lower, 1 - lower};
}
inline tails beta_inc(double a, double b, double x) { return beta_inc(a, b, x, 1 - x); }

/// P(X <= k) and P(X > k) for X ~ Bin(n, p). Real k, n are allowed (effective counts).
inline tails binom_tails(double k, double n, double p) {
    if (k < 0) return {0, 1};
    if (k >= n) return {1, 0};
    return beta_inc(n - k, k + 1, 1 - p, p);
}

/// P(X = k) for X ~ Bin(n, p), whole k in [0, n].
inline double binom_pmf(double k, double n, double p) {
    if (k < 0 || k > n) return 0;
    if (k == 0) return p < 1 ? exp(n * log1p(-p)) : (n == 0 ? 1.0 : 0.0);
    if (k == n) return p > 0 ? exp(n * log(p)) : 0.0;
    if (p <= 0 || p >= 1) return 0;
    return detail::beta_term(k, n - k, p, 1 - p) * n / (k * (n - k));
}

/// Student's t distribution, df > 0: P(T <= t) and P(T > t).
inline tails t_tails(double t, double df) {
    const double square = t * t, total = df + square;
    const double tail = total < std::numeric_limits<double>::infinity()
                            ? 0.5 * beta_inc(0.5 * df, 0.5, df / total, square / total).lower
                            : 0.0;
    return t > 0 ? tails{1 - tail, tail} : tails{tail, 1 - tail};
}
inline double t_cdf(double t, double df) { return t_tails(t, df).lower; }
inline double t_sf(double t, double df) { return t_tails(t, df).upper; }

}  // namespace qslip::stats
