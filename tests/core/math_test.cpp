// core/math.hpp against the C library's long double functions.
#include <qslip/detail/core/math.hpp>
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace m = qslip::math;

static constexpr double inf = std::numeric_limits<double>::infinity();

static double uniform(std::uint64_t i, double lo, double hi) {
    return lo + (hi - lo) * static_cast<double>(qslip::counter_rng(7).at(i) >> 11) * 0x1p-53;
}
static double ulp_of(long double exact) {
    const double x = std::fabs(static_cast<double>(exact));
    return std::max(std::nextafter(x, inf) - x, std::numeric_limits<double>::denorm_min());
}
/// Largest error in ulp over [lo, hi] and its logarithmic neighbourhood of zero when that is inside.
template <class F, class G>
static double worst_ulp(F f, G exact, double lo, double hi) {
    double worst = 0;
    for (std::uint64_t i = 0; i < 400000; ++i) {
        double x = uniform(i, lo, hi);
        if (i % 2 == 1 && lo <= 0) x *= std::exp2(-uniform(i + 1000000, 0, 60));
        if (x < lo || x > hi) continue;
        const long double want = exact(static_cast<long double>(x));
        worst = std::max(worst, std::fabs(static_cast<double>(f(x) - want)) / ulp_of(want));
    }
    return worst;
}

TEST_CASE("exp, expm1, log, log1p are within their ulp bounds") {
    const auto expl_ = [](long double x) { return std::exp(x); };
    const auto expm1l_ = [](long double x) { return std::expm1(x); };
    const auto logl_ = [](long double x) { return std::log(x); };
    const auto log1pl_ = [](long double x) { return std::log1p(x); };
    CHECK(worst_ulp(m::exp, expl_, -708, 709.78) < 1.1);
    CHECK(worst_ulp(m::exp, expl_, -745, -708) <= 1.0);
    CHECK(worst_ulp(m::exp, expl_, -1, 1) < 1.0);
    CHECK(worst_ulp(m::expm1, expm1l_, -50, 709.78) < 2.0);
    CHECK(worst_ulp(m::expm1, expm1l_, -2, 2) < 2.0);
    CHECK(worst_ulp(m::log, logl_, 1e-300, 1e300) < 1.0);
    CHECK(worst_ulp(m::log, logl_, 0.3, 3) < 1.0);
    CHECK(worst_ulp(m::log, logl_, 0, 1e-300) < 1.0);
    CHECK(worst_ulp(m::log1p, log1pl_, -1, 4) < 2.0);
    CHECK(worst_ulp(m::log1p, log1pl_, 0, 1e300) < 2.0);
}

TEST_CASE("the sweep's exponentials are within their relative bounds") {
    double exp_error = 0, exp_near = 0, less_1 = 0, less_x = 0;
    for (std::uint64_t i = 0; i < 400000; ++i) {
        double x = uniform(i, -708, 0);
        if (i % 2 == 1) x *= std::exp2(-uniform(i + 1000000, 0, 40));
        const long double xl = x, e = std::expm1(xl), exp = std::exp(xl);
        const auto relative = [](double got, long double want) {
            return std::fabs(static_cast<double>((got - want) / want));
        };
        const double error = relative(m::lane1::f64_exp_inside(x), exp);
        (x < -1 ? exp_error : exp_near) = std::max(x < -1 ? exp_error : exp_near, error);
        const auto less = m::lane1::f64_exp_less(x);
        less_1 = std::max(less_1, relative(less.after_1, e));
        const long double series = xl * xl / 2 * (1 + xl / 3 * (1 + xl / 4 * (1 + xl / 5 * (1 + xl / 6))));
        less_x = std::max(less_x, relative(less.after_x, x > -1e-3 ? series : e - xl));
    }
    CHECK(exp_error < 708 * 0x1p-52);
    CHECK(exp_near < 3e-16);
    CHECK(less_1 < 1e-15);
    CHECK(less_x < 1e-13);
    CHECK(m::lane1::f64_exp_flush(-709.0) == 0.0);
    CHECK(m::lane1::f64_exp_flush(-inf) == 0.0);
    CHECK(std::isnan(m::lane1::f64_exp_flush(std::numeric_limits<double>::quiet_NaN())));
    CHECK(m::lane1::f64_exp_inside(0.0) == 1.0);
    CHECK(m::lane1::f64_exp_less(0.0).after_x == 0.0);
    CHECK(m::lane1::f64_exp_less(-700.0).after_1 == -1.0);
    CHECK(m::lane1::f64_exp_less(-700.0).after_x == 699.0);
    MESSAGE("exp " << exp_error << ", near 0 " << exp_near << "; exp - 1 " << less_1 << "; exp - 1 - x "
                   << less_x);
}

TEST_CASE("sine and cosine up to a million radians") {
    double worst = 0;
    for (std::uint64_t i = 0; i < 400000; ++i) {
        const double x = uniform(i, -1, 1) * std::exp2(uniform(i + 500000, -30, 19.9));
        const auto got = m::sincos(x);
        const long double xl = x;
        worst = std::max(worst, std::fabs(static_cast<double>(got.sin - std::sin(xl))) /
                                    std::max(ulp_of(std::sin(xl)), 0x1p-54));
        worst = std::max(worst, std::fabs(static_cast<double>(got.cos - std::cos(xl))) /
                                    std::max(ulp_of(std::cos(xl)), 0x1p-54));
    }
    CHECK(worst < 2.0);
    CHECK(m::sin(0.0) == 0.0);
    CHECK(m::cos(0.0) == 1.0);
    CHECK(std::isnan(m::sin(inf)));
    CHECK(std::isnan(m::cos(2e6)));
}

TEST_CASE("edges of the domains") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(m::exp(0.0) == 1.0);
    CHECK(m::exp(-inf) == 0.0);
    CHECK(m::exp(inf) == inf);
    CHECK(m::exp(1e300) == inf);
    CHECK(m::exp(-745.2) == 0.0);
    CHECK(m::exp(-740.0) > 0.0);
    CHECK(m::expm1(0.0) == 0.0);
    CHECK(m::expm1(1e-300) == 1e-300);
    CHECK(m::expm1(-inf) == -1.0);
    CHECK(m::expm1(inf) == inf);
    CHECK(m::log(1.0) == 0.0);
    CHECK(m::log(0.0) == -inf);
    CHECK(m::log(inf) == inf);
    CHECK(m::log1p(0.0) == 0.0);
    CHECK(m::log1p(1e-300) == 1e-300);
    CHECK(m::log1p(-1.0) == -inf);
    CHECK(m::log1p(inf) == inf);
    for (const double bad :
         {m::exp(nan), m::expm1(nan), m::log(nan), m::log1p(nan), m::log(-1.0), m::log1p(-1.5)})
        CHECK(std::isnan(bad));
}
