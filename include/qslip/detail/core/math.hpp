#pragma once
#include <qslip/detail/core/cplusplus.hpp>

#include <bit>
#include <cstdint>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "qslip's numbers are wrong under -ffast-math and its parts: compile this file without"
#endif

/// Elementary functions whose bits are the same on every machine, compiler and lane width. The C
/// library's differ between versions and CPUs; nothing that enters a result or a verdict may use them.
/// Correctly rounded + - * / and sqrt are all they are made of. Compile with -ffp-contract=off (the CMake
/// target qslip::headers asks for it).
namespace qslip::math {

/// One lane; the kernels include math-inl.h again for vectors.
namespace lane1 {
#include <qslip/detail/core/f64_scalar-inl.h>
//
#include <qslip/detail/core/math-inl.h>
}  // namespace lane1

/// ln 2 rounded to double.
inline constexpr double ln2 = lane1::f64_ln2;

/// e^x, 1.1 ulp. Overflow gives +inf, underflow is gradual, NaN stays NaN.
inline double exp(double x) noexcept { return lane1::f64_exp(x); }
/// e^x - 1, 2 ulp, relative precision kept for small x.
inline double expm1(double x) noexcept { return lane1::f64_expm1(x); }
/// Natural logarithm, 1 ulp. 0 -> -inf, x < 0 -> NaN.
inline double log(double x) noexcept { return lane1::f64_log(x); }
/// log(1 + x), 2 ulp, relative precision kept for small x. -1 -> -inf, x < -1 -> NaN.
inline double log1p(double x) noexcept { return lane1::f64_log1p(x); }

struct sin_cos {
    double sin, cos;
};

/// Sine and cosine of x radians, 2 ulp for |x| <= 1e6 (absolute 2^-53 next to their zeros); NaN beyond.
inline sin_cos sincos(double x) noexcept {
    if (!(x >= -1e6 && x <= 1e6)) return {__builtin_nan(""), __builtin_nan("")};
    constexpr double round_shift = 6755399441055744.0;  // 1.5 * 2^52
    const double shifted = x * 0x1.45f306dc9c883p-1 + round_shift;
    const double n = shifted - round_shift;
    // pi/2 in three pieces of 33 bits: n < 2^20 times the first two is exact.
    const double a = x - n * 0x1.921fb54400000p+0;
    const double b = n * 0x1.0b4611a600000p-34;
    const double head = a - b;
    const double r = head + (((a - head) - b) - n * 0x1.3198a2e037073p-69);
    const double z = r * r;
    const double s =
        r + r * z *
                lane1::f64_polynomial(z, -0.16666666666666666, 0.008333333333330925, -0.00019841269836722418,
                                      2.755731608381636e-06, -2.5051127944014188e-08, 1.5917848524808262e-10);
    const double c4 =
        z * z *
        lane1::f64_polynomial(z, 0.041666666666666664, -0.0013888888888887382, 2.480158729874307e-05,
                              -2.7557317260008837e-07, 2.0876143827993133e-09, -1.1382456778061306e-11);
    const double half_z = 0.5 * z;
    const double w = 1.0 - half_z;
    const double c = w + (((1.0 - w) - half_z) + c4);
    switch (std::bit_cast<std::uint64_t>(shifted) & 3) {
        case 0: return {s, c};
        case 1: return {c, -s};
        case 2: return {-s, -c};
        default: return {-c, s};
    }
}
inline double sin(double x) noexcept { return sincos(x).sin; }
inline double cos(double x) noexcept { return sincos(x).cos; }

}  // namespace qslip::math
