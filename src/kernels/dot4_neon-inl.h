// Baseline NEON: products of signed bytes, added pairwise. 8-bit codes become signed by taking off 128.
constexpr std::size_t code_rows = 4;  // rows of a tile of codes
template <int bits>
constexpr std::int32_t dot_bias = bits == 8 ? 128 : 0;
#include "kernels/codes_neon-inl.h"

template <int bits>
QSLIP_INLINE void dot4(i32r& sum, i32r w, i32r codes) {
    const int8x16_t a = vreinterpretq_s8_u32(codes), b = signed_codes<bits>(w);
    const int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(b), vget_low_s8(a)));
    const int32x4_t high = vpaddlq_s16(vmull_high_s8(b, a));
    sum = vaddq_u32(sum, vreinterpretq_u32_s32(vpaddq_s32(low, high)));
}
