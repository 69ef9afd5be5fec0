// One-lane double operations: the specification of what math-inl.h and metrics/sweep-inl.h need of a
// vector of doubles. No include guard: included inside a namespace, by core/math.hpp and the scalar tier.
using f64v = double;  // a vector of f64_lanes doubles
using f64m = bool;    // a truth value per lane
constexpr unsigned f64_lanes = 1;

[[gnu::always_inline]] inline f64v f64_splat(double x) { return x; }
[[gnu::always_inline]] inline f64v f64_load(const float* p) { return static_cast<double>(*p); }
[[gnu::always_inline]] inline void f64_store(double* p, f64v v) { *p = v; }
[[gnu::always_inline]] inline f64v f64_select(f64m m, f64v a, f64v b) { return m ? a : b; }
[[gnu::always_inline]] inline f64m f64_lt(f64v a, f64v b) { return a < b; }
[[gnu::always_inline]] inline f64m f64_le(f64v a, f64v b) { return a <= b; }
[[gnu::always_inline]] inline f64m f64_eq(f64v a, f64v b) { return a == b; }
[[gnu::always_inline]] inline bool f64_all(f64m m) { return m; }
[[gnu::always_inline]] inline bool f64_any(f64m m) { return m; }
/// The second operand when either is NaN: min(limit, x) keeps a NaN x.
[[gnu::always_inline]] inline f64v f64_min(f64v a, f64v b) { return a < b ? a : b; }
[[gnu::always_inline]] inline f64v f64_max(f64v a, f64v b) { return a > b ? a : b; }
/// The bits shifted left by 52.
[[gnu::always_inline]] inline f64v f64_shl52(f64v v) {
    return __builtin_bit_cast(double, __builtin_bit_cast(unsigned long long, v) << 52);
}
/// -|v|; NaN stays.
[[gnu::always_inline]] inline f64v f64_neg_abs(f64v v) {
    return __builtin_bit_cast(double, __builtin_bit_cast(unsigned long long, v) | (1ull << 63));
}
/// Entry j of a table of 8, with v's bits, shifted left by 49, added to its own; j is v's lowest three bits.
[[gnu::always_inline]] inline f64v f64_pick8_shl49(const double* table, f64v v) {
    const unsigned long long bits = __builtin_bit_cast(unsigned long long, v);
    return __builtin_bit_cast(double, __builtin_bit_cast(unsigned long long, table[bits & 7]) + (bits << 49));
}
/// The 11 exponent bits as a number.
[[gnu::always_inline]] inline f64v f64_exponent(f64v v) {
    return static_cast<double>(static_cast<int>((__builtin_bit_cast(unsigned long long, v) >> 52) & 0x7FF));
}
/// The mantissa as a number in [1, 2).
[[gnu::always_inline]] inline f64v f64_mantissa(f64v v) {
    return __builtin_bit_cast(
        double, (__builtin_bit_cast(unsigned long long, v) & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull);
}
