// NEON with SDOT. 8-bit codes become signed by taking off 128.
constexpr std::size_t code_rows = 4;  // rows of a tile of codes
template <int bits>
constexpr std::int32_t dot_bias = bits == 8 ? 128 : 0;
#include "kernels/codes_neon-inl.h"

template <int bits>
QSLIP_INLINE void dot4(i32r& sum, i32r w, i32r codes) {
    sum = vreinterpretq_u32_s32(
        vdotq_s32(vreinterpretq_s32_u32(sum), signed_codes<bits>(w), vreinterpretq_s8_u32(codes)));
}
