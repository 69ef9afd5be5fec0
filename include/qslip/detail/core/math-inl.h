// exp, expm1, log, log1p for any number of lanes; every lane gives the bits of the one-lane build.
// No include guard: included once per lane width, inside a namespace that already has the operations of
// f64_scalar-inl.h (their specification).
// Only + - * / compare and bit operations: no fma, which the baseline x86 lacks (a call there costs
// 20x) and which buys nothing where adds and multiplies have pipes of their own. Whoever compiles this
// must not let the compiler contract (-ffp-contract=off).
// Coefficients: Chebyshev interpolation in 60 digits on the reduced range, rounded to double.

// Polynomials go by blocks of four (Estrin inside, Horner over the blocks): a third of Horner's latency, and
// latency is what binds a loop of wide vectors.
[[gnu::always_inline]] inline f64v f64_blocks(f64v, f64v, f64v, double c0) { return f64_splat(c0); }
[[gnu::always_inline]] inline f64v f64_blocks(f64v x, f64v, f64v, double c0, double c1) {
    return f64_splat(c0) + x * f64_splat(c1);
}
[[gnu::always_inline]] inline f64v f64_blocks(f64v x, f64v x2, f64v, double c0, double c1, double c2) {
    return (f64_splat(c0) + x * f64_splat(c1)) + x2 * f64_splat(c2);
}
[[gnu::always_inline]] inline f64v f64_blocks(f64v x, f64v x2, f64v, double c0, double c1, double c2,
                                              double c3) {
    return (f64_splat(c0) + x * f64_splat(c1)) + x2 * (f64_splat(c2) + x * f64_splat(c3));
}
template <class... Rest>
[[gnu::always_inline]] inline f64v f64_blocks(f64v x, f64v x2, f64v x4, double c0, double c1, double c2,
                                              double c3, Rest... rest) {
    return f64_blocks(x, x2, x4, c0, c1, c2, c3) + x4 * f64_blocks(x, x2, x4, rest...);
}
/// c0 + c1 x + c2 x^2 + ...
template <class... Coefficients>
[[gnu::always_inline]] inline f64v f64_polynomial(f64v x, Coefficients... c) {
    const f64v x2 = x * x;
    return f64_blocks(x, x2, x2 * x2, c...);
}

// 1.5 * 2^52 rounds to an integer when added; the 1023 makes the low bits an exponent field.
constexpr double f64_shift = 6755399441055744.0 + 1023.0;
constexpr double f64_log2e = 0x1.71547652b82fep+0;
constexpr double f64_ln2_hi = 0x1.62e42fee00000p-1;  // 21 trailing zero bits: n * ln2_hi is exact
constexpr double f64_ln2_lo = 0x1.a39ef35793c76p-33;
constexpr double f64_ln2 = 0x1.62e42fefa39efp-1;

/// x = n ln2 + r, |r| <= ln2/2; `shifted` holds n in its low bits.
struct f64_reduced {
    f64v shifted, n, r;
};
[[gnu::always_inline]] inline f64_reduced f64_reduce_ln2(f64v x) {
    const f64v shifted = x * f64_splat(f64_log2e) + f64_splat(f64_shift);
    const f64v n = shifted - f64_splat(f64_shift);
    return {shifted, n, (x - n * f64_splat(f64_ln2_hi)) - n * f64_splat(f64_ln2_lo)};
}
/// 2^n for integers n in [-1022, 1023].
[[gnu::always_inline]] inline f64v f64_exp2_int(f64v n) { return f64_shl52(n + f64_splat(f64_shift)); }

/// exp(r) - 1 for |r| <= ln2/2.
[[gnu::always_inline]] inline f64v f64_expm1_small(f64v r) {
    const f64v tail = f64_polynomial(r, 0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326136,
                                     0.0013888888888883748, 0.00019841269874820627, 2.4801587325547743e-05,
                                     2.7557255400206422e-06, 2.75572736431103e-07, 2.5105217004720745e-08,
                                     2.0914686968086876e-09);
    return r + r * r * tail;
}

/// e^x; 1.1 ulp; overflow gives +inf, underflow is gradual, NaN stays.
inline f64v f64_exp(f64v x) {
    const f64v inside = f64_max(f64_splat(-746.0), f64_min(f64_splat(710.0), x));
    const f64_reduced red = f64_reduce_ln2(inside);
    // Two factors, because 2^n alone leaves the exponent range before the result does.
    const f64v half = (red.n * f64_splat(0.5) + f64_splat(f64_shift)) - f64_splat(f64_shift);
    const f64v y = f64_splat(1.0) + f64_expm1_small(red.r);
    return y * f64_exp2_int(half) * f64_exp2_int(red.n - half);
}

/// x = n ln2/8 + r, |r| <= ln2/16; root = 2^(n/8); rest = e^r - 1 - r, to 1e-14 of itself.
struct f64_eighths {
    f64v n, r, root, rest;
};
/// -708 <= x <= 709. One product and one difference reduce x: a relative error of 2^-52 in x is let in.
[[gnu::always_inline]] inline f64_eighths f64_split_eighths(f64v x) {
    // 2^(j/8) less j in the bits from 49 on, which n brings back along with its multiples of 8.
    alignas(64) static constexpr double roots[] = {
        0x1.0000000000000p+0, 0x1.f72b83c7d517bp-1, 0x1.f06fe0a31b715p-1, 0x1.ebfdad5362a27p-1,
        0x1.ea09e667f3bcdp-1, 0x1.eace5422aa0dbp-1, 0x1.ee89f995ad3adp-1, 0x1.f5818dcfba487p-1};
    const f64v shift = f64_splat(6755399441055744.0);  // 1.5 * 2^52
    const f64v shifted = x * f64_splat(8.0 * f64_log2e) + shift;
    const f64v n = shifted - shift;
    const f64v r = x - n * f64_splat(0.125 * f64_ln2);
    const f64v tail = f64_polynomial(r, 0.5000000000000051, 0.16666666666666724, 0.04166666661752627,
                                     0.008333333327873319, 0.0013889587109571322, 0.00019842045638719002);
    return {n, r, f64_pick8_shl49(roots, shifted), r * r * tail};
}

/// e^x for -708 <= x <= 709; 1.2 ulp and |x| 2^-52 of itself.
[[gnu::always_inline]] inline f64v f64_exp_inside(f64v x) {
    const f64_eighths part = f64_split_eighths(x);
    return part.root + part.root * (part.r + part.rest);
}
/// The same for x <= 709, but 0 below -708. x = -inf gives 0, NaN stays.
[[gnu::always_inline]] inline f64v f64_exp_flush(f64v x) {
    return f64_select(f64_lt(x, f64_splat(-708.0)), f64_splat(0.0), f64_exp_inside(x));
}

/// e^x - 1 and e^x - 1 - x for -708 <= x <= 709, to 1e-15 and 1e-13 of themselves.
struct f64_exp_rests {
    f64v after_1, after_x;
};
[[gnu::always_inline]] inline f64_exp_rests f64_exp_less(f64v x) {
    const f64_eighths part = f64_split_eighths(x);
    const f64v e = (part.root - f64_splat(1.0)) + part.root * (part.r + part.rest);
    return {e, f64_select(f64_eq(part.n, f64_splat(0.0)), part.rest, e - x)};
}

/// e^x - 1; 2 ulp; -1 far below, +inf far above, NaN stays.
inline f64v f64_expm1(f64v x) {
    const f64v inside = f64_max(f64_splat(-60.0), f64_min(f64_splat(710.0), x));
    const f64_reduced red = f64_reduce_ln2(inside);
    // s (em + 1) - 1 with half of s, so that n = 1024 fits; s - 1 is exact where it matters.
    const f64v half_s = f64_exp2_int(red.n - f64_splat(1.0));
    const f64v y = half_s * f64_expm1_small(red.r) + (half_s - f64_splat(0.5));
    return f64_select(f64_lt(red.n, f64_splat(-0.5)), y + y,
                      f64_select(f64_lt(red.n, f64_splat(0.5)), f64_expm1_small(red.r), y + y));
}

/// log((1 + f) 2^k) + c for 1 + f in [sqrt(1/2), sqrt(2)] and a small correction c.
/// Source: log(1+f) = f - f^2/2 + s (f^2/2 + R), s = f/(2+f), R = 2 atanh(s)/s - 2.
[[gnu::always_inline]] inline f64v f64_log_core(f64v f, f64v k, f64v c) {
    const f64v s = f / (f64_splat(2.0) + f);
    const f64v z = s * s;
    const f64v tail = z * f64_polynomial(z, 0.6666666666666666, 0.40000000000000885, 0.28571428570799784,
                                         0.22222222392581045, 0.18181795547521137, 0.15386244737621665,
                                         0.13268638369266825, 0.13088034850927555);
    const f64v half_sq = f64_splat(0.5) * f * f;
    const f64v low = s * (half_sq + tail) + (k * f64_splat(f64_ln2_lo) + c);
    return k * f64_splat(f64_ln2_hi) - ((half_sq - low) - f);
}

/// u = m 2^k with m in [sqrt(1/2), sqrt(2)], for normal u > 0.
struct f64_split {
    f64v m, k;
};
[[gnu::always_inline]] inline f64_split f64_split_sqrt2(f64v u) {
    const f64v m = f64_mantissa(u);
    const f64v k = f64_exponent(u) - f64_splat(1023.0);
    const f64m upper = f64_lt(f64_splat(1.4142135623730951), m);
    return {f64_select(upper, m * f64_splat(0.5), m), f64_select(upper, k + f64_splat(1.0), k)};
}

/// What log gives at the edges of its domain: u = 0 -> -inf, u < 0 or NaN -> NaN, u = inf -> inf.
[[gnu::always_inline]] inline f64v f64_log_edges(f64v u, f64v y) {
    const f64v inf = f64_splat(__builtin_inf());
    const f64v low =
        f64_select(f64_lt(u, f64_splat(0.0)), f64_splat(__builtin_nan("")), f64_splat(0.0) - inf);
    const f64v inside = f64_select(f64_lt(f64_splat(0.0), u), y, low);
    const f64v at_inf = f64_select(f64_lt(u, inf), inside, u);
    return f64_select(f64_lt(u, f64_splat(1.0)), inside, at_inf);  // NaN fails both and comes out as u
}

/// Natural logarithm; 1 ulp; subnormals included.
inline f64v f64_log(f64v x) {
    const f64m tiny = f64_lt(x, f64_splat(0x1p-1022));
    const f64_split part = f64_split_sqrt2(f64_select(tiny, x * f64_splat(0x1p54), x));
    const f64v k = f64_select(tiny, part.k - f64_splat(54.0), part.k);
    return f64_log_edges(x, f64_log_core(part.m - f64_splat(1.0), k, f64_splat(0.0)));
}

/// log(1 + x); 2 ulp; x = -1 -> -inf, x < -1 -> NaN.
inline f64v f64_log1p(f64v x) {
    const f64v one = f64_splat(1.0);
    const f64v u = one + x;
    const f64_split part = f64_split_sqrt2(u);
    // What rounding lost in 1 + x comes back divided by u; where k = 0, x itself is the fraction.
    const f64v lost = f64_select(f64_lt(x, one), x - (u - one), one - (u - x)) / u;
    const f64m direct = f64_lt(part.k * part.k, f64_splat(0.5));
    const f64v f = f64_select(direct, x, part.m - one);
    return f64_log_edges(u, f64_log_core(f, part.k, f64_select(direct, f64_splat(0.0), lost)));
}
