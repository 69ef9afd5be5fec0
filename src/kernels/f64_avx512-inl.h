// AVX-512: 8 doubles, the whole of a sweep's lanes. Semantics: core/f64_scalar-inl.h.
using f64v = __m512d;
using f64m = __mmask8;
constexpr unsigned f64_lanes = 8;

QSLIP_INLINE f64v f64_splat(double x) { return _mm512_set1_pd(x); }
QSLIP_INLINE f64v f64_load(const float* p) { return _mm512_cvtps_pd(_mm256_loadu_ps(p)); }
QSLIP_INLINE void f64_store(double* p, f64v v) { _mm512_storeu_pd(p, v); }
QSLIP_INLINE f64v f64_select(f64m m, f64v a, f64v b) { return _mm512_mask_blend_pd(m, b, a); }
QSLIP_INLINE f64m f64_lt(f64v a, f64v b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
QSLIP_INLINE f64m f64_le(f64v a, f64v b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
QSLIP_INLINE f64m f64_eq(f64v a, f64v b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
QSLIP_INLINE bool f64_all(f64m m) { return m == 0xFF; }
QSLIP_INLINE bool f64_any(f64m m) { return m != 0; }
QSLIP_INLINE f64v f64_min(f64v a, f64v b) { return _mm512_min_pd(a, b); }
QSLIP_INLINE f64v f64_max(f64v a, f64v b) { return _mm512_max_pd(a, b); }
QSLIP_INLINE f64v f64_shl52(f64v v) {
    return _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_castpd_si512(v), 52));
}
QSLIP_INLINE f64v f64_neg_abs(f64v v) { return _mm512_or_pd(v, _mm512_set1_pd(-0.0)); }
QSLIP_INLINE f64v f64_pick8_shl49(const double* table, f64v v) {
    const __m512i bits = _mm512_castpd_si512(v);
    const __m512i picked = _mm512_castpd_si512(_mm512_permutexvar_pd(bits, _mm512_loadu_pd(table)));
    return _mm512_castsi512_pd(_mm512_add_epi64(picked, _mm512_slli_epi64(bits, 49)));
}
QSLIP_INLINE f64v f64_exponent(f64v v) {
    const __m512i bits = _mm512_srli_epi64(_mm512_castpd_si512(v), 52);
    return _mm512_cvtepi64_pd(_mm512_and_si512(bits, _mm512_set1_epi64(0x7FF)));
}
QSLIP_INLINE f64v f64_mantissa(f64v v) {
    const __m512i low = _mm512_and_si512(_mm512_castpd_si512(v), _mm512_set1_epi64(0xFFFFFFFFFFFFF));
    return _mm512_castsi512_pd(_mm512_or_si512(low, _mm512_set1_epi64(0x3FF0000000000000)));
}
