// AVX2: 4 doubles. Semantics: core/f64_scalar-inl.h.
using f64v = __m256d;
using f64m = __m256d;
constexpr unsigned f64_lanes = 4;

QSLIP_INLINE f64v f64_splat(double x) { return _mm256_set1_pd(x); }
QSLIP_INLINE f64v f64_load(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }
QSLIP_INLINE void f64_store(double* p, f64v v) { _mm256_storeu_pd(p, v); }
QSLIP_INLINE f64v f64_select(f64m m, f64v a, f64v b) { return _mm256_blendv_pd(b, a, m); }
QSLIP_INLINE f64m f64_lt(f64v a, f64v b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
QSLIP_INLINE f64m f64_le(f64v a, f64v b) { return _mm256_cmp_pd(a, b, _CMP_LE_OQ); }
QSLIP_INLINE f64m f64_eq(f64v a, f64v b) { return _mm256_cmp_pd(a, b, _CMP_EQ_OQ); }
QSLIP_INLINE bool f64_all(f64m m) { return _mm256_movemask_pd(m) == 0xF; }
QSLIP_INLINE bool f64_any(f64m m) { return _mm256_movemask_pd(m) != 0; }
QSLIP_INLINE f64v f64_min(f64v a, f64v b) { return _mm256_min_pd(a, b); }
QSLIP_INLINE f64v f64_max(f64v a, f64v b) { return _mm256_max_pd(a, b); }
QSLIP_INLINE f64v f64_shl52(f64v v) {
    return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(v), 52));
}
QSLIP_INLINE f64v f64_neg_abs(f64v v) { return _mm256_or_pd(v, _mm256_set1_pd(-0.0)); }
QSLIP_INLINE f64v f64_pick8_shl49(const double* table, f64v v) {
    // Lower and upper halves of the table's entries, each half a vector of eight.
    const __m256 first = _mm256_loadu_ps(reinterpret_cast<const float*>(table));
    const __m256 last = _mm256_loadu_ps(reinterpret_cast<const float*>(table + 4));
    const __m256i order = _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7);
    const __m256 low = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(first, last, 0x88), order);
    const __m256 high = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(first, last, 0xDD), order);
    const __m256i bits = _mm256_castpd_si256(v);
    const __m256i upper = _mm256_slli_epi64(bits, 32);
    const __m256 picked =
        _mm256_blend_ps(_mm256_permutevar8x32_ps(low, bits), _mm256_permutevar8x32_ps(high, upper), 0xAA);
    return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castps_si256(picked), _mm256_slli_epi64(bits, 49)));
}
QSLIP_INLINE f64v f64_exponent(f64v v) {
    // Small integers become doubles by way of the bits of 2^52 + i.
    const __m256d two52 = _mm256_set1_pd(0x1p52);
    const __m256i bits =
        _mm256_and_si256(_mm256_srli_epi64(_mm256_castpd_si256(v), 52), _mm256_set1_epi64x(0x7FF));
    return _mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(bits), two52), two52);
}
QSLIP_INLINE f64v f64_mantissa(f64v v) {
    const __m256i low = _mm256_and_si256(_mm256_castpd_si256(v), _mm256_set1_epi64x(0xFFFFFFFFFFFFF));
    return _mm256_castsi256_pd(_mm256_or_si256(low, _mm256_set1_epi64x(0x3FF0000000000000)));
}
