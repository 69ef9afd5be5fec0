// One lane: the specification of every operation. Included inside a tier's namespace.
using f32r = float;
using i32r = std::uint32_t;
constexpr std::size_t f32_lanes = 1;
constexpr std::size_t tile_rows = 4, tile_regs = 8;  // matmul register tile
constexpr std::size_t step_inputs = 64;              // matmul inputs per pass over a panel
constexpr std::size_t direct_rows = 1;               // up to so many rows weights are not expanded first
constexpr std::size_t code_rows = 4;                 // rows of a tile of codes

QSLIP_INLINE f32r load(const float* p) { return *p; }
QSLIP_INLINE void store(float* p, f32r x) { *p = x; }
QSLIP_INLINE f32r set1(float x) { return x; }
QSLIP_INLINE void pin(f32r&) {}
QSLIP_INLINE f32r add(f32r a, f32r b) { return a + b; }
QSLIP_INLINE f32r sub(f32r a, f32r b) { return a - b; }
QSLIP_INLINE f32r mul(f32r a, f32r b) { return a * b; }
QSLIP_INLINE f32r div(f32r a, f32r b) { return a / b; }
/// a * b + c, one rounding.
QSLIP_INLINE f32r fma(f32r a, f32r b, f32r c) { return __builtin_fmaf(a, b, c); }
/// The second operand when either is NaN, so max(limit, x) keeps a NaN x.
QSLIP_INLINE f32r max(f32r a, f32r b) { return a > b ? a : b; }
QSLIP_INLINE f32r min(f32r a, f32r b) { return a < b ? a : b; }

QSLIP_INLINE i32r load_i32(const std::uint8_t* p) {
    i32r x;
    __builtin_memcpy(&x, p, sizeof x);
    return x;
}
QSLIP_INLINE i32r set1_i32(std::int32_t x) { return static_cast<i32r>(x); }
QSLIP_INLINE i32r sub_i32(i32r a, i32r b) { return a - b; }
QSLIP_INLINE i32r add_i32(i32r a, i32r b) { return a + b; }
QSLIP_INLINE i32r and_i32(i32r a, i32r b) { return a & b; }
template <int n>
QSLIP_INLINE i32r shift_right(i32r x) {
    return x >> n;
}
template <int n>
QSLIP_INLINE i32r shift_left(i32r x) {
    return x << n;
}
QSLIP_INLINE f32r to_f32(i32r x) { return static_cast<float>(static_cast<std::int32_t>(x)); }
QSLIP_INLINE f32r as_f32(i32r x) { return __builtin_bit_cast(float, x); }
QSLIP_INLINE i32r as_i32(f32r x) { return __builtin_bit_cast(i32r, x); }

QSLIP_INLINE f32r load_bf16(const std::uint16_t* p) { return as_f32(static_cast<i32r>(*p) << 16); }
QSLIP_INLINE f32r load_f16(const std::uint16_t* p) {
    const std::uint32_t sign = (*p & 0x8000u) << 16, magnitude = *p & 0x7FFFu;
    // 2^-24 steps are exact in a float, so subnormal halves need no shifting by hand.
    if (magnitude < 0x0400u) {
        const float steps = static_cast<float>(magnitude) * 0x1p-24f;
        return as_f32(as_i32(steps) | sign);
    }
    const std::uint32_t rebias = magnitude >= 0x7C00u ? 0x70000000u : 0x38000000u;
    return as_f32(sign | ((magnitude << 13) + rebias));
}

template <int n>
QSLIP_INLINE i32r shift_right_signed(i32r x) {
    return static_cast<i32r>(static_cast<std::int32_t>(x) >> n);
}
QSLIP_INLINE i32r max_i32(i32r a, i32r b) {
    return static_cast<std::int32_t>(a) > static_cast<std::int32_t>(b) ? a : b;
}
QSLIP_INLINE std::int32_t reduce_max_i32(i32r x) { return static_cast<std::int32_t>(x); }
QSLIP_INLINE std::int32_t reduce_add_i32(i32r x) { return static_cast<std::int32_t>(x); }
/// Lanes, each in the range of a byte, as bytes.
QSLIP_INLINE void store_i8(std::int8_t* p, i32r x) { *p = static_cast<std::int8_t>(x); }
QSLIP_INLINE void pin_i32(i32r&) {}
/// To the nearest binary16 number, ties to even.
QSLIP_INLINE float round_to_half(float x) { return half_to_float(float_to_half(x)); }
/// What dot4 subtracts from a code first.
template <int bits>
constexpr std::int32_t dot_bias = 0;
/// Four signed codes, as dot4 takes them.
QSLIP_INLINE i32r load_codes(const std::int8_t* p) {
    return load_i32(reinterpret_cast<const std::uint8_t*>(p));
}
/// sum + the dot product of each lane's four unsigned bytes with the four codes. Out of line: unrolled into
/// every tile it would take minutes to compile.
template <int bits>
[[gnu::noinline]] void dot4(i32r& sum, i32r w, i32r codes) {
    for (int i = 0; i < 32; i += 8)
        sum += static_cast<i32r>(static_cast<std::int32_t>(w >> i & 255) *
                                 static_cast<std::int8_t>(codes >> i & 255));
}

/// The 16 bytes of a table, by low nibble of a byte; the high ones are zero.
using byte_table = const std::uint8_t*;
QSLIP_INLINE byte_table load_table(const std::uint8_t* p) { return p; }
QSLIP_INLINE i32r look_up(byte_table table, i32r nibbles) {
    i32r out = 0;
    for (int i = 0; i < 32; i += 8) out |= i32r{table[nibbles >> i & 255]} << i;
    return out;
}
