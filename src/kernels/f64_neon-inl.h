// AArch64 NEON: 2 doubles. Semantics: core/f64_scalar-inl.h.
using f64v = float64x2_t;
using f64m = uint64x2_t;
constexpr unsigned f64_lanes = 2;

QSLIP_INLINE f64v f64_splat(double x) { return vdupq_n_f64(x); }
QSLIP_INLINE f64v f64_load(const float* p) { return vcvt_f64_f32(vld1_f32(p)); }
QSLIP_INLINE void f64_store(double* p, f64v v) { vst1q_f64(p, v); }
QSLIP_INLINE f64v f64_select(f64m m, f64v a, f64v b) { return vbslq_f64(m, a, b); }
QSLIP_INLINE f64m f64_lt(f64v a, f64v b) { return vcltq_f64(a, b); }
QSLIP_INLINE f64m f64_le(f64v a, f64v b) { return vcleq_f64(a, b); }
QSLIP_INLINE f64m f64_eq(f64v a, f64v b) { return vceqq_f64(a, b); }
QSLIP_INLINE bool f64_all(f64m m) { return (vgetq_lane_u64(m, 0) & vgetq_lane_u64(m, 1)) != 0; }
QSLIP_INLINE bool f64_any(f64m m) { return (vgetq_lane_u64(m, 0) | vgetq_lane_u64(m, 1)) != 0; }
// By comparison and select: fmin and fmax treat NaN and signed zeros otherwise than x86.
QSLIP_INLINE f64v f64_min(f64v a, f64v b) { return vbslq_f64(vcltq_f64(a, b), a, b); }
QSLIP_INLINE f64v f64_max(f64v a, f64v b) { return vbslq_f64(vcgtq_f64(a, b), a, b); }
QSLIP_INLINE f64v f64_shl52(f64v v) {
    return vreinterpretq_f64_u64(vshlq_n_u64(vreinterpretq_u64_f64(v), 52));
}
QSLIP_INLINE f64v f64_neg_abs(f64v v) { return vnegq_f64(vabsq_f64(v)); }
QSLIP_INLINE f64v f64_pick8_shl49(const double* table, f64v v) {
    const uint64x2_t bits = vreinterpretq_u64_f64(v);
    const float64x2_t picked = {table[vgetq_lane_u64(bits, 0) & 7], table[vgetq_lane_u64(bits, 1) & 7]};
    return vreinterpretq_f64_u64(vaddq_u64(vreinterpretq_u64_f64(picked), vshlq_n_u64(bits, 49)));
}
QSLIP_INLINE f64v f64_exponent(f64v v) {
    const uint64x2_t bits = vshrq_n_u64(vreinterpretq_u64_f64(v), 52);
    return vcvtq_f64_u64(vandq_u64(bits, vdupq_n_u64(0x7FF)));
}
QSLIP_INLINE f64v f64_mantissa(f64v v) {
    const uint64x2_t low = vandq_u64(vreinterpretq_u64_f64(v), vdupq_n_u64(0xFFFFFFFFFFFFFull));
    return vreinterpretq_f64_u64(vorrq_u64(low, vdupq_n_u64(0x3FF0000000000000ull)));
}
