#include "kernels/block_codec.hpp"

#include <cstring>

namespace qslip {
namespace {

constexpr std::size_t block = 32;

template <class T>
T load(const std::byte* p) noexcept {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
}

float load_half(const std::byte* p) noexcept { return half_to_float(load<std::uint16_t>(p)); }

// Products below are exact in float (11-bit scale, at most 8-bit level), so that one rounding is left at
// most.

/// Levels i and i + 16 of a block share byte i: low and high nibble.
int nibble(const std::byte* levels, std::size_t i) noexcept {
    const auto byte = std::to_integer<int>(levels[i % 16]);
    return i < 16 ? byte & 15 : byte >> 4;
}

/// Bit i of the word before the nibbles is the fifth bit of level i.
int five_bits(const std::byte* levels, std::uint32_t high, std::size_t i) noexcept {
    return nibble(levels, i) | static_cast<int>((high >> i & 1u) << 4);
}

void q8_0_block(const std::byte* p, float* out) noexcept {
    const float d = load_half(p);
    for (std::size_t i = 0; i < block; ++i) out[i] = static_cast<float>(load<std::int8_t>(p + 2 + i)) * d;
}
void q4_0_block(const std::byte* p, float* out) noexcept {
    const float d = load_half(p);
    for (std::size_t i = 0; i < block; ++i) out[i] = static_cast<float>(nibble(p + 2, i) - 8) * d;
}
void q4_1_block(const std::byte* p, float* out) noexcept {
    const float d = load_half(p), m = load_half(p + 2);
    for (std::size_t i = 0; i < block; ++i) out[i] = static_cast<float>(nibble(p + 4, i)) * d + m;
}
void q5_0_block(const std::byte* p, float* out) noexcept {
    const float d = load_half(p);
    const auto high = load<std::uint32_t>(p + 2);
    for (std::size_t i = 0; i < block; ++i) out[i] = static_cast<float>(five_bits(p + 6, high, i) - 16) * d;
}
void q5_1_block(const std::byte* p, float* out) noexcept {
    const float d = load_half(p), m = load_half(p + 2);
    const auto high = load<std::uint32_t>(p + 4);
    for (std::size_t i = 0; i < block; ++i) out[i] = static_cast<float>(five_bits(p + 8, high, i)) * d + m;
}

template <class Block>
void each_block(dtype type, const std::byte* blocks, std::size_t n_weights, float* out, Block one) noexcept {
    const std::size_t stride = info_of(type).block_bytes;
    for (std::size_t b = 0; b < n_weights / block; ++b) one(blocks + b * stride, out + b * block);
}

/// Number i of a block's scale and minimum, or of a float tensor.
bool finite_half(const std::byte* p) noexcept { return (load<std::uint16_t>(p) & 0x7C00u) != 0x7C00u; }
bool finite_bfloat(const std::byte* p) noexcept { return (load<std::uint16_t>(p) & 0x7F80u) != 0x7F80u; }
bool finite_float(const std::byte* p) noexcept {
    return (load<std::uint32_t>(p) & 0x7F800000u) != 0x7F800000u;
}

bool finite_block(dtype type, const std::byte* p) noexcept {
    switch (type) {
        case dtype::f32: return finite_float(p);
        case dtype::bf16: return finite_bfloat(p);
        case dtype::f16:
        case dtype::q8_0:
        case dtype::q4_0:
        case dtype::q5_0: return finite_half(p);
        case dtype::q4_1:
        case dtype::q5_1: return finite_half(p) && finite_half(p + 2);
    }
    return false;
}

}  // namespace

void dequantize(dtype type, const std::byte* blocks, std::size_t n_weights, float* out) noexcept {
    switch (type) {
        case dtype::f32: std::memcpy(out, blocks, n_weights * sizeof(float)); return;
        case dtype::f16:
            for (std::size_t i = 0; i < n_weights; ++i) out[i] = load_half(blocks + 2 * i);
            return;
        case dtype::bf16:
            for (std::size_t i = 0; i < n_weights; ++i)
                out[i] = bfloat_to_float(load<std::uint16_t>(blocks + 2 * i));
            return;
        case dtype::q8_0: return each_block(type, blocks, n_weights, out, q8_0_block);
        case dtype::q4_0: return each_block(type, blocks, n_weights, out, q4_0_block);
        case dtype::q4_1: return each_block(type, blocks, n_weights, out, q4_1_block);
        case dtype::q5_0: return each_block(type, blocks, n_weights, out, q5_0_block);
        case dtype::q5_1: return each_block(type, blocks, n_weights, out, q5_1_block);
    }
}

std::optional<std::size_t> first_nonfinite_block(dtype type, const std::byte* blocks,
                                                 std::size_t n_weights) noexcept {
    const auto kind = info_of(type);
    for (std::size_t b = 0; b < n_weights / kind.block_weights; ++b)
        if (!finite_block(type, blocks + b * kind.block_bytes)) return b;
    return std::nullopt;
}

}  // namespace qslip
