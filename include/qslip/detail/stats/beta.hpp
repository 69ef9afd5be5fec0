#pragma once
#include <qslip/detail/stats/gamma.hpp>

#include <algorithm>

namespace qslip::stats {

namespace detail {

/// x^a y^b / B(a, b), saddle-point form (Loader 2000): no large logarithms cancel. gap = a - (a+b) x.
inline double beta_term(double a, double b, double x, double y, double gap) {
    const double n = a + b;
    const double exponent = stirling_error(n) - stirling_error(a) - stirling_error(b) -
                            deviance(a, n * x, gap) - deviance(b, n * y, -gap);
    return std::sqrt(a * (b / n)) * exp(exponent) / 2.5066282746310005024;
}

/// I_x(a, b) is beta_term over this, for gap >= 0: the continued fraction of DiDonato & Morris (1992,
/// TOMS 708), whose terms do not cancel near x = 1, by the modified Lentz method.
inline double beta_fraction(double a, double b, double x, double y, double gap) {
    double f = a / (a + 1) * (gap + 1), c = f, d = 0;
    for (double n = 1; n < 4e6; n += 1) {
        const double even = a + 2 * n - 1;
        const double alpha = (a + n - 1) / even * ((a + b + n - 1) / even) * n * (b - n) * x * x;
        const double beta = n + n * (b - n) * x / even + (a + n) / (a + 2 * n + 1) * (gap + 1 + n * (1 + y));
        d = 1 / (beta + alpha * d);
        c = beta + alpha / c;
        f *= c * d;
        if (std::fabs(c * d - 1) < 3e-16) break;
    }
    return f;
}

}  // namespace detail

/// Regularized incomplete beta function I_x(a, b) and its complement; a, b > 0, y = 1 - x given
/// apart because the caller often knows it better.
inline tails beta_inc(double a, double b, double x, double y) {
    if (x <= 0) return {0, 1};
    if (y <= 0) return {1, 0};
    const double gap = x < y ? a - (a + b) * x : (a + b) * y - b;  // equal, but the smaller is exacter
    if (gap < 0) {
        const double upper =
            std::min(1.0, detail::beta_term(b, a, y, x, -gap) / detail::beta_fraction(b, a, y, x, -gap));
        return {1 - upper, upper};
    }
    const double lower =
        std::min(1.0, detail::beta_term(a, b, x, y, gap) / detail::beta_fraction(a, b, x, y, gap));
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
    return detail::beta_term(k, n - k, p, 1 - p, k - n * p) * n / (k * (n - k));
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
