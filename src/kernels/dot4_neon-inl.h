// Baseline NEON: products of signed bytes, added pairwise. 8-bit codes become signed by taking off 128.
template <int bits>
constexpr std::int32_t dot_bias = bits == 8 ? 128 : 0;
template <int bits>
QSLIP_INLINE int8x16_t signed_codes(i32r w) {
    const uint8x16_t codes = vreinterpretq_u8_u32(w);
    return vreinterpretq_s8_u8(bits == 8 ? veorq_u8(codes, vdupq_n_u8(128)) : codes);
}
QSLIP_INLINE i32r load_codes(const std::int8_t* p) {
    return vld1q_dup_u32(reinterpret_cast<const std::uint32_t*>(p));
}
template <int bits>
QSLIP_INLINE void dot4(i32r& sum, i32r w, i32r codes) {
    const int8x16_t a = vreinterpretq_s8_u32(codes), b = signed_codes<bits>(w);
    const int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(b), vget_low_s8(a)));
    const int32x4_t high = vpaddlq_s16(vmull_high_s8(b, a));
    sum = vaddq_u32(sum, vreinterpretq_u32_s32(vpaddq_s32(low, high)));
}
