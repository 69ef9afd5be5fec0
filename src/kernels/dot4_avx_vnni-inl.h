// AVX2 with the 256-bit VPDPBUSD of AVX-VNNI.
constexpr std::size_t code_rows = 6;  // rows of a tile of codes
template <int bits>
constexpr std::int32_t dot_bias = 0;
QSLIP_INLINE i32r load_codes(const std::int8_t* p) {
    return _mm256_set1_epi32(*reinterpret_cast<const int*>(p));
}
template <int bits>
QSLIP_INLINE void dot4(i32r& sum, i32r w, i32r codes) {
    sum = _mm256_dpbusd_avx_epi32(sum, w, codes);
}
