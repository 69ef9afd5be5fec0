// AVX2 + FMA + F16C: 8 f32 lanes. Semantics: simd_scalar-inl.h.
using f32r = __m256;
using i32r = __m256i;
constexpr std::size_t f32_lanes = 8;
constexpr std::size_t tile_rows = 6, tile_regs = 2;  // matmul register tile
constexpr std::size_t step_inputs = 384;             // matmul inputs per pass over a panel
constexpr std::size_t direct_rows = 3;               // up to so many rows weights are not expanded first

QSLIP_INLINE f32r load(const float* p) { return _mm256_loadu_ps(p); }
QSLIP_INLINE void store(float* p, f32r x) { _mm256_storeu_ps(p, x); }
QSLIP_INLINE f32r set1(float x) { return _mm256_set1_ps(x); }
/// Keeps x in a register; GCC 12 would load it again for every use.
QSLIP_INLINE void pin(f32r& x) { __asm__("" : "+x"(x)); }
QSLIP_INLINE f32r add(f32r a, f32r b) { return _mm256_add_ps(a, b); }
QSLIP_INLINE f32r sub(f32r a, f32r b) { return _mm256_sub_ps(a, b); }
QSLIP_INLINE f32r mul(f32r a, f32r b) { return _mm256_mul_ps(a, b); }
QSLIP_INLINE f32r div(f32r a, f32r b) { return _mm256_div_ps(a, b); }
QSLIP_INLINE f32r fma(f32r a, f32r b, f32r c) { return _mm256_fmadd_ps(a, b, c); }
QSLIP_INLINE f32r max(f32r a, f32r b) { return _mm256_max_ps(a, b); }
QSLIP_INLINE f32r min(f32r a, f32r b) { return _mm256_min_ps(a, b); }

QSLIP_INLINE i32r load_i32(const std::uint8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
QSLIP_INLINE i32r set1_i32(std::int32_t x) { return _mm256_set1_epi32(x); }
QSLIP_INLINE i32r sub_i32(i32r a, i32r b) { return _mm256_sub_epi32(a, b); }
QSLIP_INLINE i32r add_i32(i32r a, i32r b) { return _mm256_add_epi32(a, b); }
QSLIP_INLINE i32r and_i32(i32r a, i32r b) { return _mm256_and_si256(a, b); }
template <int n>
QSLIP_INLINE i32r shift_right(i32r x) {
    return _mm256_srli_epi32(x, n);
}
template <int n>
QSLIP_INLINE i32r shift_left(i32r x) {
    return _mm256_slli_epi32(x, n);
}
QSLIP_INLINE f32r to_f32(i32r x) { return _mm256_cvtepi32_ps(x); }
QSLIP_INLINE f32r as_f32(i32r x) { return _mm256_castsi256_ps(x); }
QSLIP_INLINE i32r as_i32(f32r x) { return _mm256_castps_si256(x); }
QSLIP_INLINE f32r load_bf16(const std::uint16_t* p) {
    return as_f32(
        shift_left<16>(_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))));
}
QSLIP_INLINE f32r load_f16(const std::uint16_t* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

template <int n>
QSLIP_INLINE i32r shift_right_signed(i32r x) {
    return _mm256_srai_epi32(x, n);
}
QSLIP_INLINE i32r max_i32(i32r a, i32r b) { return _mm256_max_epi32(a, b); }
QSLIP_INLINE std::int32_t reduce_max_i32(i32r x) {
    __m128i y = _mm_max_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    y = _mm_max_epi32(y, _mm_shuffle_epi32(y, 0x4E));
    return _mm_cvtsi128_si32(_mm_max_epi32(y, _mm_shuffle_epi32(y, 0xB1)));
}
QSLIP_INLINE std::int32_t reduce_add_i32(i32r x) {
    __m128i y = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    y = _mm_add_epi32(y, _mm_shuffle_epi32(y, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(y, _mm_shuffle_epi32(y, 0xB1)));
}
QSLIP_INLINE void store_i8(std::int8_t* p, i32r x) {
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(words, words));
}
QSLIP_INLINE void pin_i32(i32r& x) { __asm__("" : "+x"(x)); }
QSLIP_INLINE float round_to_half(float x) {
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT)));
}

using byte_table = __m256i;
QSLIP_INLINE byte_table load_table(const std::uint8_t* p) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
QSLIP_INLINE i32r look_up(byte_table table, i32r nibbles) { return _mm256_shuffle_epi8(table, nibbles); }
