// AVX-512 F+BW+DQ+VL+VNNI: 16 f32 lanes. Semantics: simd_scalar-inl.h.
using f32r = __m512;
using i32r = __m512i;
constexpr std::size_t f32_lanes = 16;
constexpr std::size_t tile_rows = 12, tile_regs = 2;  // matmul register tile
constexpr std::size_t step_inputs = 4096;             // matmul inputs per pass over a panel
constexpr std::size_t direct_rows = 4;                // up to so many rows weights are not expanded first
constexpr std::size_t code_rows = 6;                  // rows of a tile of codes

QSLIP_INLINE f32r load(const float* p) { return _mm512_loadu_ps(p); }
QSLIP_INLINE void store(float* p, f32r x) { _mm512_storeu_ps(p, x); }
QSLIP_INLINE f32r set1(float x) { return _mm512_set1_ps(x); }
/// Keeps x in a register; GCC 12 would load it again for every use.
QSLIP_INLINE void pin(f32r& x) { __asm__("" : "+v"(x)); }
QSLIP_INLINE f32r add(f32r a, f32r b) { return _mm512_add_ps(a, b); }
QSLIP_INLINE f32r sub(f32r a, f32r b) { return _mm512_sub_ps(a, b); }
QSLIP_INLINE f32r mul(f32r a, f32r b) { return _mm512_mul_ps(a, b); }
QSLIP_INLINE f32r div(f32r a, f32r b) { return _mm512_div_ps(a, b); }
QSLIP_INLINE f32r fma(f32r a, f32r b, f32r c) { return _mm512_fmadd_ps(a, b, c); }
QSLIP_INLINE f32r max(f32r a, f32r b) { return _mm512_max_ps(a, b); }
QSLIP_INLINE f32r min(f32r a, f32r b) { return _mm512_min_ps(a, b); }

QSLIP_INLINE i32r load_i32(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
QSLIP_INLINE i32r set1_i32(std::int32_t x) { return _mm512_set1_epi32(x); }
QSLIP_INLINE i32r sub_i32(i32r a, i32r b) { return _mm512_sub_epi32(a, b); }
QSLIP_INLINE i32r add_i32(i32r a, i32r b) { return _mm512_add_epi32(a, b); }
QSLIP_INLINE i32r and_i32(i32r a, i32r b) { return _mm512_and_si512(a, b); }
template <int n>
QSLIP_INLINE i32r shift_right(i32r x) {
    return _mm512_srli_epi32(x, n);
}
template <int n>
QSLIP_INLINE i32r shift_left(i32r x) {
    return _mm512_slli_epi32(x, n);
}
QSLIP_INLINE f32r to_f32(i32r x) { return _mm512_cvtepi32_ps(x); }
QSLIP_INLINE f32r as_f32(i32r x) { return _mm512_castsi512_ps(x); }
QSLIP_INLINE i32r as_i32(f32r x) { return _mm512_castps_si512(x); }
QSLIP_INLINE f32r load_bf16(const std::uint16_t* p) {
    return as_f32(
        shift_left<16>(_mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))));
}
QSLIP_INLINE f32r load_f16(const std::uint16_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}

template <int n>
QSLIP_INLINE i32r shift_right_signed(i32r x) {
    return _mm512_srai_epi32(x, n);
}
QSLIP_INLINE i32r max_i32(i32r a, i32r b) { return _mm512_max_epi32(a, b); }
QSLIP_INLINE std::int32_t reduce_max_i32(i32r x) { return _mm512_reduce_max_epi32(x); }
QSLIP_INLINE std::int32_t reduce_add_i32(i32r x) { return _mm512_reduce_add_epi32(x); }
QSLIP_INLINE void store_i8(std::int8_t* p, i32r x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(x));
}
QSLIP_INLINE void pin_i32(i32r& x) { __asm__("" : "+v"(x)); }
QSLIP_INLINE float round_to_half(float x) {
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT)));
}
template <int bits>
constexpr std::int32_t dot_bias = 0;
/// Four codes, as dot4 takes them.
QSLIP_INLINE i32r load_codes(const std::int8_t* p) {
    return _mm512_set1_epi32(*reinterpret_cast<const int*>(p));
}
/// Written out: GCC 12 copies the sum first.
template <int bits>
QSLIP_INLINE void dot4(i32r& sum, i32r w, i32r codes) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(codes));
}

using byte_table = __m512i;
QSLIP_INLINE byte_table load_table(const std::uint8_t* p) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
QSLIP_INLINE i32r look_up(byte_table table, i32r nibbles) { return _mm512_shuffle_epi8(table, nibbles); }
