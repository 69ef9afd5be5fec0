// AArch64 baseline NEON: 4 f32 lanes. Semantics: simd_scalar-inl.h.
using f32r = float32x4_t;
using i32r = uint32x4_t;
constexpr std::size_t f32_lanes = 4;
constexpr std::size_t tile_rows = 8, tile_regs = 2;  // matmul register tile
constexpr std::size_t step_inputs = 128;             // matmul inputs per pass over a panel
constexpr std::size_t direct_rows = 2;               // up to so many rows weights are not expanded first

QSLIP_INLINE f32r load(const float* p) { return vld1q_f32(p); }
QSLIP_INLINE void store(float* p, f32r x) { vst1q_f32(p, x); }
QSLIP_INLINE f32r set1(float x) { return vdupq_n_f32(x); }
QSLIP_INLINE void pin(f32r&) {}
QSLIP_INLINE f32r add(f32r a, f32r b) { return vaddq_f32(a, b); }
QSLIP_INLINE f32r sub(f32r a, f32r b) { return vsubq_f32(a, b); }
QSLIP_INLINE f32r mul(f32r a, f32r b) { return vmulq_f32(a, b); }
QSLIP_INLINE f32r div(f32r a, f32r b) { return vdivq_f32(a, b); }
QSLIP_INLINE f32r fma(f32r a, f32r b, f32r c) { return vfmaq_f32(c, a, b); }
// By comparison and select, since fmax treats NaN and signed zeros otherwise than x86.
QSLIP_INLINE f32r max(f32r a, f32r b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
QSLIP_INLINE f32r min(f32r a, f32r b) { return vbslq_f32(vcltq_f32(a, b), a, b); }

QSLIP_INLINE i32r load_i32(const std::uint8_t* p) { return vreinterpretq_u32_u8(vld1q_u8(p)); }
QSLIP_INLINE i32r set1_i32(std::int32_t x) { return vdupq_n_u32(static_cast<std::uint32_t>(x)); }
QSLIP_INLINE i32r sub_i32(i32r a, i32r b) { return vsubq_u32(a, b); }
QSLIP_INLINE i32r add_i32(i32r a, i32r b) { return vaddq_u32(a, b); }
QSLIP_INLINE i32r and_i32(i32r a, i32r b) { return vandq_u32(a, b); }
template <int n>
QSLIP_INLINE i32r shift_right(i32r x) {
    if constexpr (n == 0)
        return x;
    else
        return vshrq_n_u32(x, n);
}
template <int n>
QSLIP_INLINE i32r shift_left(i32r x) {
    return vshlq_n_u32(x, n);
}
QSLIP_INLINE f32r to_f32(i32r x) { return vcvtq_f32_s32(vreinterpretq_s32_u32(x)); }
QSLIP_INLINE f32r as_f32(i32r x) { return vreinterpretq_f32_u32(x); }
QSLIP_INLINE i32r as_i32(f32r x) { return vreinterpretq_u32_f32(x); }
QSLIP_INLINE f32r load_bf16(const std::uint16_t* p) { return as_f32(vshll_n_u16(vld1_u16(p), 16)); }
QSLIP_INLINE f32r load_f16(const std::uint16_t* p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }

template <int n>
QSLIP_INLINE i32r shift_right_signed(i32r x) {
    return vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(x), n));
}
QSLIP_INLINE i32r max_i32(i32r a, i32r b) {
    return vreinterpretq_u32_s32(vmaxq_s32(vreinterpretq_s32_u32(a), vreinterpretq_s32_u32(b)));
}
QSLIP_INLINE std::int32_t reduce_max_i32(i32r x) { return vmaxvq_s32(vreinterpretq_s32_u32(x)); }
QSLIP_INLINE std::int32_t reduce_add_i32(i32r x) { return vaddvq_s32(vreinterpretq_s32_u32(x)); }
QSLIP_INLINE void store_i8(std::int8_t* p, i32r x) {
    const int16x4_t words = vmovn_s32(vreinterpretq_s32_u32(x));
    const int8x8_t bytes = vmovn_s16(vcombine_s16(words, words));
    vst1_lane_u32(reinterpret_cast<std::uint32_t*>(p), vreinterpret_u32_s8(bytes), 0);
}
QSLIP_INLINE void pin_i32(i32r&) {}
QSLIP_INLINE float round_to_half(float x) { return static_cast<float>(static_cast<__fp16>(x)); }

using byte_table = uint8x16_t;
QSLIP_INLINE byte_table load_table(const std::uint8_t* p) { return vld1q_u8(p); }
QSLIP_INLINE i32r look_up(byte_table table, i32r nibbles) {
    return vreinterpretq_u32_u8(vqtbl1q_u8(table, vreinterpretq_u8_u32(nibbles)));
}
