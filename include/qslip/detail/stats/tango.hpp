#pragma once
#include <qslip/detail/stats/intervals.hpp>

namespace qslip::stats {

/// Score statistic of a paired difference of proportions (Tango, Stat. Med. 17:891, 1998).
/// b: base right and candidate wrong, c: the reverse, n: pairs; all may be scaled by one factor.
struct tango {
    double b;
    double c;
    double n;

    /// Constrained maximum-likelihood estimate of P(base wrong, candidate right) at difference d.
    double q(double d) const {
        const double a = 2 * n, h = -b - c + (2 * n - b + c) * d, k = -c * d * (1 - d);
        const double root = std::sqrt(std::max(0.0, h * h - 4 * a * k));
        return h > 0 ? -2 * k / (h + root) : (root - h) / (2 * a);
    }
    /// T(d): large when the observed damage exceeds d. Rises with every b, falls with every c.
    double statistic(double d) const {
        const double excess = b - c - n * d;
        const double variance = n * (2 * q(d) + d * (1 - d));
        if (excess == 0) return 0;
        if (!(variance > 0)) return excess * std::numeric_limits<double>::infinity();
        return excess / std::sqrt(variance);
    }
    /// The difference at which T = -z: the upper bound of damage at level Phi(z).
    double upper(double z) const {
        if (b >= n) return 1;
        return bisect(
            -1, 1, [&](double d) { return statistic(d) > -z; }, 0, 1e-14);
    }
    /// The difference at which T = +z.
    double lower(double z) const {
        if (c >= n) return -1;
        return bisect(
            -1, 1, [&](double d) { return statistic(d) > z; }, 0, 1e-14);
    }
};

}  // namespace qslip::stats
