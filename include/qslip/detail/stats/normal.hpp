#pragma once
#include <qslip/detail/stats/elementary.hpp>

#include <cstddef>
#include <limits>

namespace qslip::stats {

namespace detail {

inline constexpr double sqrt_pi = 1.7724538509055160273;
inline constexpr double sqrt_half = 0.70710678118654752440;

/// erf by its series of positive terms, |x| < 2: 2x/sqrt(pi) exp(-x^2) sum (2x^2)^k / (2k+1)!!.
inline double erf_series(double x) {
    double term = 1, sum = 1;
    for (int k = 1; term > 1e-17 * sum; ++k) sum += term *= 2 * x * x / (2 * k + 1);
    return 2 * x / sqrt_pi * exp(-x * x) * sum;
}

/// erfc by the Laplace continued fraction, x >= 2; 60 levels leave less than one rounding.
inline double erfc_fraction(double x) {
    double tail = x;
    for (int k = 60; k > 0; --k) tail = x + 0.5 * k / tail;
    return exp(-x * x) / (sqrt_pi * tail);
}

template <std::size_t N>
double polynomial(const double (&coefficients)[N], double x) {
    double sum = coefficients[N - 1];
    for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + coefficients[i];
    return sum;
}

}  // namespace detail

/// Complementary error function, full relative precision in the upper tail.
inline double erfc(double x) {
    if (x >= 2) return detail::erfc_fraction(x);
    if (x <= -2) return 2 - detail::erfc_fraction(-x);
    return 1 - detail::erf_series(x);
}

/// Standard normal distribution function and its complement, each exact in its small tail.
inline double norm_cdf(double x) { return 0.5 * erfc(-x * detail::sqrt_half); }
inline double norm_sf(double x) { return norm_cdf(-x); }

/// Standard normal quantile; p in [0, 1], the ends give -inf and +inf, anything else NaN.
/// Source: Wichura 1988, algorithm AS 241 (PPND16).
inline double norm_quantile(double p) {
    static constexpr double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                   1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                   4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                   3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static constexpr double b[] = {1.0,
                                   4.2313330701600911252e+1,
                                   6.8718700749205790830e+2,
                                   5.3941960214247511077e+3,
                                   2.1213794301586595867e+4,
                                   3.9307895800092710610e+4,
                                   2.8729085735721942674e+4,
                                   5.2264952788528545610e+3};
    static constexpr double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                   5.76949722146069140550e0,  3.64784832476320460504e0,
                                   1.27045825245236838258e0,  2.41780725177450611770e-1,
                                   2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr double d[] = {1.0,
                                   2.05319162663775882187e0,
                                   1.67638483018380384940e0,
                                   6.89767334985100004550e-1,
                                   1.48103976427480074590e-1,
                                   1.51986665636164571966e-2,
                                   5.47593808499534494600e-4,
                                   1.05075007164441684324e-9};
    static constexpr double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                   1.78482653991729133580e0,  2.96560571828504891230e-1,
                                   2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                   2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static constexpr double f[] = {1.0,
                                   5.99832206555887937690e-1,
                                   1.36929880922735805310e-1,
                                   1.48753612908506148525e-2,
                                   7.86869131145613259100e-4,
                                   1.84631831751005468180e-5,
                                   1.42151175831644588870e-7,
                                   2.04426310338993978564e-15};
    if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
    const double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * detail::polynomial(a, r) / detail::polynomial(b, r);
    }
    const double tail = q < 0 ? p : 1 - p;
    if (tail == 0)
        return q < 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    const double r = std::sqrt(-log(tail));
    const double x = r <= 5 ? detail::polynomial(c, r - 1.6) / detail::polynomial(d, r - 1.6)
                            : detail::polynomial(e, r - 5) / detail::polynomial(f, r - 5);
    return q < 0 ? -x : x;
}

}  // namespace qslip::stats
