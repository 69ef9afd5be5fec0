#pragma once
#include <qslip/detail/stats/normal.hpp>

namespace qslip::stats {

namespace detail {

inline constexpr double half_log_two_pi = 0.91893853320467274178;

/// lgamma(2 + e) for |e| <= 1/2: Taylor series at 2, coefficients (-1)^k (zeta(k) - 1) / k.
inline double lgamma_near_two(double e) {
    static constexpr double c[] = {
        0,
        0.42278433509846713939,
        0.32246703342411321824,
        -0.067352301053198095133,
        0.020580808427784547879,
        -0.0073855510286739852663,
        0.0028905103307415232858,
        -0.0011927539117032609771,
        0.00050966952474304242234,
        -0.00022315475845357937976,
        0.000099457512781808533715,
        -0.0000449262367381331417,
        0.000020507212775670691553,
        -9.439488275268395904e-6,
        4.3748667899074878042e-6,
        -2.0392157538013662368e-6,
        9.5514121304074198329e-7,
        -4.4924691987645660433e-7,
        2.1207184805554665869e-7,
        -1.0043224823968099609e-7,
        4.7698101693639805658e-8,
        -2.271109460894316491e-8,
        1.0838659214896954091e-8,
        -5.1834750419700466551e-9,
        2.4836745438024783172e-9,
        -1.1921401405860912074e-9,
        5.7313672416788620133e-10,
        -2.7595228851242331452e-10,
        1.3304764374244489481e-10,
        -6.4229645638381000221e-11,
    };
    return polynomial(c, e);
}

/// ln x! - [(x + 1/2) ln x - x + ln sqrt(2 pi)] for x >= 15, the Stirling series.
inline double stirling_series(double x) {
    static constexpr double c[] = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                   -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
    return polynomial(c, 1 / (x * x)) / x;
}

}  // namespace detail

/// ln Gamma(x), x > 0.
inline double lgamma(double x) {
    if (x > 15) return (x - 0.5) * log(x) - x + detail::half_log_two_pi + detail::stirling_series(x);
    if (x < 0.5) return lgamma(x + 1) - log(x);
    if (x < 1.5) return detail::lgamma_near_two(x - 1) - log1p(x - 1);
    double product = 1;
    while (x > 2.5) product *= x -= 1;
    return detail::lgamma_near_two(x - 2) + log(product);
}

namespace detail {

/// Error of Stirling's formula for ln Gamma(x + 1), x > 0.
inline double stirling_error(double x) {
    return x >= 15 ? stirling_series(x) : lgamma(x + 1) - ((x + 0.5) * log(x) - x + half_log_two_pi);
}

/// x ln(x/mean) + mean - x >= 0, without cancellation near x = mean (ln(x/mean) = 2 atanh v);
/// gap is x - mean, which the caller may know to more digits than the two.
inline double deviance(double x, double mean, double gap) {
    const double v = gap / (x + mean);
    if (std::fabs(v) > 0.1) return x * log(x / mean) - gap;
    double power = 2 * x * v, sum = gap * v;
    for (int k = 3; k < 40; k += 2) {
        power *= v * v;
        sum += power / k;
    }
    return sum;
}

/// x^a e^-x / Gamma(a + 1), a > 0, x > 0: full relative precision for large a.
inline double gamma_term(double a, double x) {
    return exp(-deviance(a, x, a - x) - stirling_error(a)) / (std::sqrt(a) * 2.5066282746310005024);
}

}  // namespace detail

/// A probability and its complement, each to full relative precision.
struct tails {
    double lower;
    double upper;
};

/// Regularized incomplete gamma function: lower P(a, x), upper Q(a, x); a > 0.
/// Series below a + 1, Lentz continued fraction above.
inline tails gamma_inc(double a, double x) {
    if (x <= 0) return {0, 1};
    const double term = detail::gamma_term(a, x);
    if (x < a + 1) {
        double sum = 1, next = 1;
        for (double k = a + 1; next > 1e-17 * sum; k += 1) sum += next *= x / k;
        return {term * sum, 1 - term * sum};
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (double i = 1; i < 1e7; i += 1) {
        const double an = -i * (i - a);
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (std::fabs(d * c - 1) < 1e-16) break;
    }
    return {1 - term * a * h, term * a * h};
}

/// Chi-squared distribution function; df > 0.
inline double chi2_cdf(double x, double df) { return gamma_inc(0.5 * df, 0.5 * x).lower; }

}  // namespace qslip::stats
