// Codes as NEON's products of signed bytes want them.
template <int bits>
QSLIP_INLINE int8x16_t signed_codes(i32r w) {
    const uint8x16_t codes = vreinterpretq_u8_u32(w);
    return vreinterpretq_s8_u8(bits == 8 ? veorq_u8(codes, vdupq_n_u8(128)) : codes);
}
QSLIP_INLINE i32r load_codes(const std::int8_t* p) {
    return vld1q_dup_u32(reinterpret_cast<const std::uint32_t*>(p));
}
