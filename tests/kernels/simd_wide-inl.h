// Sixteen lanes of plain C++: the AVX-512 shapes (packing, tails, blocking) on any machine. Tests only.
struct f32r {
    float lane[16];
};
struct i32r {
    std::uint32_t lane[16];
};
constexpr std::size_t f32_lanes = 16;
constexpr std::size_t tile_rows = 12, tile_regs = 2;  // matmul register tile
constexpr std::size_t step_inputs = 64;               // matmul inputs per pass over a panel
constexpr std::size_t direct_rows = 4;                // up to so many rows weights are not expanded first

namespace one {
#include "kernels/simd_scalar-inl.h"
}
#define QSLIP_EACH_LANE(type, expression)                \
    type r;                                              \
    for (int i = 0; i < 16; ++i) r.lane[i] = expression; \
    return r
constexpr std::size_t code_rows = 6;  // rows of a tile of codes

QSLIP_INLINE f32r load(const float* p) { QSLIP_EACH_LANE(f32r, p[i]); }
QSLIP_INLINE void store(float* p, f32r x) { __builtin_memcpy(p, x.lane, sizeof x); }
QSLIP_INLINE f32r set1(float x) { QSLIP_EACH_LANE(f32r, x); }
QSLIP_INLINE void pin(f32r&) {}
QSLIP_INLINE f32r add(f32r a, f32r b) { QSLIP_EACH_LANE(f32r, a.lane[i] + b.lane[i]); }
QSLIP_INLINE f32r sub(f32r a, f32r b) { QSLIP_EACH_LANE(f32r, a.lane[i] - b.lane[i]); }
QSLIP_INLINE f32r mul(f32r a, f32r b) { QSLIP_EACH_LANE(f32r, a.lane[i] * b.lane[i]); }
QSLIP_INLINE f32r div(f32r a, f32r b) { QSLIP_EACH_LANE(f32r, a.lane[i] / b.lane[i]); }
QSLIP_INLINE f32r fma(f32r a, f32r b, f32r c) {
    QSLIP_EACH_LANE(f32r, one::fma(a.lane[i], b.lane[i], c.lane[i]));
}
QSLIP_INLINE f32r max(f32r a, f32r b) { QSLIP_EACH_LANE(f32r, one::max(a.lane[i], b.lane[i])); }
QSLIP_INLINE f32r min(f32r a, f32r b) { QSLIP_EACH_LANE(f32r, one::min(a.lane[i], b.lane[i])); }

QSLIP_INLINE i32r load_i32(const std::uint8_t* p) { QSLIP_EACH_LANE(i32r, one::load_i32(p + 4 * i)); }
QSLIP_INLINE i32r set1_i32(std::int32_t x) { QSLIP_EACH_LANE(i32r, static_cast<std::uint32_t>(x)); }
QSLIP_INLINE i32r sub_i32(i32r a, i32r b) { QSLIP_EACH_LANE(i32r, a.lane[i] - b.lane[i]); }
QSLIP_INLINE i32r add_i32(i32r a, i32r b) { QSLIP_EACH_LANE(i32r, a.lane[i] + b.lane[i]); }
QSLIP_INLINE i32r and_i32(i32r a, i32r b) { QSLIP_EACH_LANE(i32r, a.lane[i] & b.lane[i]); }
template <int n>
QSLIP_INLINE i32r shift_right(i32r x) {
    QSLIP_EACH_LANE(i32r, x.lane[i] >> n);
}
template <int n>
QSLIP_INLINE i32r shift_left(i32r x) {
    QSLIP_EACH_LANE(i32r, x.lane[i] << n);
}
QSLIP_INLINE f32r to_f32(i32r x) { QSLIP_EACH_LANE(f32r, one::to_f32(x.lane[i])); }
QSLIP_INLINE f32r as_f32(i32r x) { return __builtin_bit_cast(f32r, x); }
QSLIP_INLINE i32r as_i32(f32r x) { return __builtin_bit_cast(i32r, x); }
QSLIP_INLINE f32r load_bf16(const std::uint16_t* p) { QSLIP_EACH_LANE(f32r, one::load_bf16(p + i)); }
QSLIP_INLINE f32r load_f16(const std::uint16_t* p) { QSLIP_EACH_LANE(f32r, one::load_f16(p + i)); }

template <int n>
QSLIP_INLINE i32r shift_right_signed(i32r x) {
    QSLIP_EACH_LANE(i32r, one::shift_right_signed<n>(x.lane[i]));
}
QSLIP_INLINE i32r max_i32(i32r a, i32r b) { QSLIP_EACH_LANE(i32r, one::max_i32(a.lane[i], b.lane[i])); }
QSLIP_INLINE std::int32_t reduce_max_i32(i32r x) {
    for (int i = 1; i < 16; ++i) x.lane[0] = one::max_i32(x.lane[0], x.lane[i]);
    return static_cast<std::int32_t>(x.lane[0]);
}
QSLIP_INLINE std::int32_t reduce_add_i32(i32r x) {
    for (int i = 1; i < 16; ++i) x.lane[0] += x.lane[i];
    return static_cast<std::int32_t>(x.lane[0]);
}
QSLIP_INLINE void store_i8(std::int8_t* p, i32r x) {
    for (int i = 0; i < 16; ++i) one::store_i8(p + i, x.lane[i]);
}
QSLIP_INLINE void pin_i32(i32r&) {}
using one::dot_bias;
using one::round_to_half;
QSLIP_INLINE i32r load_codes(const std::int8_t* p) { QSLIP_EACH_LANE(i32r, one::load_codes(p)); }
template <int bits>
[[gnu::noinline]] void dot4(i32r& sum, const i32r& w, const i32r& codes) {
    for (int i = 0; i < 16; ++i) one::dot4<bits>(sum.lane[i], w.lane[i], codes.lane[i]);
}
using one::byte_table;
using one::load_table;
QSLIP_INLINE i32r look_up(byte_table table, const i32r& nibbles) {
    QSLIP_EACH_LANE(i32r, one::look_up(table, nibbles.lane[i]));
}
#undef QSLIP_EACH_LANE
