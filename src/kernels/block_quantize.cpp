#include "kernels/block_codec.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace qslip {
namespace {

constexpr std::size_t block = 32;

template <class T>
void store(std::byte* p, T v) noexcept {
    std::memcpy(p, &v, sizeof v);
}
void store_half(std::byte* p, float f) noexcept { store(p, float_to_half(f)); }

/// 1 / d, or 0 when d is zero or too small to have a finite inverse.
float inverse(float d) noexcept {
    const float id = d != 0.0f ? 1.0f / d : 0.0f;
    return std::isfinite(id) ? id : 0.0f;
}

/// The first number of largest magnitude.
float extreme_of(const float* x) noexcept {
    float magnitude = 0.0f, extreme = 0.0f;
    for (std::size_t i = 0; i < block; ++i)
        if (magnitude < std::fabs(x[i])) {
            magnitude = std::fabs(x[i]);
            extreme = x[i];
        }
    return extreme;
}

/// `x` truncated, at most `top`; x is not negative, and NaN (of an overflowed scale, reported later) gives
/// `top`.
std::uint32_t level(float x, std::uint32_t top) noexcept {
    return x < static_cast<float>(top) ? static_cast<std::uint32_t>(x) : top;
}

/// Levels i and i + 16 share byte i.
void store_nibbles(std::byte* p, const std::uint32_t* levels) noexcept {
    for (std::size_t i = 0; i < block / 2; ++i)
        p[i] = static_cast<std::byte>((levels[i] & 15u) | (levels[i + 16] & 15u) << 4);
}
void store_fifth_bits(std::byte* p, const std::uint32_t* levels) noexcept {
    std::uint32_t high = 0;
    for (std::size_t i = 0; i < block; ++i) high |= (levels[i] >> 4 & 1u) << i;
    store(p, high);
}

void q8_0_block(const float* x, std::byte* p) noexcept {
    const float d = std::fabs(extreme_of(x)) / 127.0f, id = inverse(d);
    store_half(p, d);
    for (std::size_t i = 0; i < block; ++i) store(p + 2 + i, static_cast<std::int8_t>(std::round(x[i] * id)));
}

/// Levels around the middle `zero_level`, which is also the largest magnitude.
void symmetric(const float* x, float zero_level, std::byte* scale, std::uint32_t* levels) noexcept {
    const float d = extreme_of(x) / -zero_level, id = inverse(d);
    const auto top = static_cast<std::uint32_t>(2.0f * zero_level - 1.0f);
    store_half(scale, d);
    for (std::size_t i = 0; i < block; ++i) levels[i] = level(x[i] * id + (zero_level + 0.5f), top);
}

/// Levels 0..top from the minimum to the maximum.
void affine(const float* x, std::uint32_t top, std::byte* scale_and_min, std::uint32_t* levels) noexcept {
    float min = x[0], max = x[0];  // the first of equals: 0 and -0 are
    for (std::size_t i = 1; i < block; ++i) {
        if (x[i] < min) min = x[i];
        if (x[i] > max) max = x[i];
    }
    const float d = (max - min) / static_cast<float>(top), id = inverse(d);
    store_half(scale_and_min, d);
    store_half(scale_and_min + 2, min);
    for (std::size_t i = 0; i < block; ++i) levels[i] = level((x[i] - min) * id + 0.5f, top);
}

void q4_0_block(const float* x, std::byte* p) noexcept {
    std::uint32_t levels[block];
    symmetric(x, 8.0f, p, levels);
    store_nibbles(p + 2, levels);
}
void q5_0_block(const float* x, std::byte* p) noexcept {
    std::uint32_t levels[block];
    symmetric(x, 16.0f, p, levels);
    store_fifth_bits(p + 2, levels);
    store_nibbles(p + 6, levels);
}
void q4_1_block(const float* x, std::byte* p) noexcept {
    std::uint32_t levels[block];
    affine(x, 15, p, levels);
    store_nibbles(p + 4, levels);
}
void q5_1_block(const float* x, std::byte* p) noexcept {
    std::uint32_t levels[block];
    affine(x, 31, p, levels);
    store_fifth_bits(p + 4, levels);
    store_nibbles(p + 8, levels);
}

void encode(dtype type, const float* x, std::byte* p) noexcept {
    switch (type) {
        case dtype::f32: return store(p, *x);
        case dtype::f16: return store_half(p, *x);
        case dtype::bf16: return store(p, float_to_bfloat(*x));
        case dtype::q8_0: return q8_0_block(x, p);
        case dtype::q4_0: return q4_0_block(x, p);
        case dtype::q4_1: return q4_1_block(x, p);
        case dtype::q5_0: return q5_0_block(x, p);
        case dtype::q5_1: return q5_1_block(x, p);
    }
}

}  // namespace

std::optional<std::size_t> quantize_rtn(dtype type, const float* in, std::size_t n_weights,
                                        std::byte* blocks) noexcept {
    const auto kind = info_of(type);
    for (std::size_t b = 0; b < n_weights / kind.block_weights; ++b) {
        const float* x = in + b * kind.block_weights;
        std::byte* p = blocks + b * kind.block_bytes;
        if (!std::all_of(x, x + kind.block_weights, [](float v) { return std::isfinite(v); })) return b;
        encode(type, x, p);
        if (first_nonfinite_block(type, p, kind.block_weights)) return b;
    }
    return std::nullopt;
}

}  // namespace qslip
