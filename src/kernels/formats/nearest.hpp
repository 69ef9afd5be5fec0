#pragma once
// Rounding to nearest as ggml's reference quantizers do, for blocks of 32: docstring of quantize_rtn.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/stored.hpp"
#include "kernels/weight_format.hpp"

namespace qslip::kernels {

/// 1 / d, or 0 when d is zero or too small to have a finite inverse.
inline float inverse(float d) noexcept {
    const float id = d != 0.0f ? 1.0f / d : 0.0f;
    return std::isfinite(id) ? id : 0.0f;
}

/// The first number of largest magnitude.
inline float extreme_of(const float* x, std::size_t n) noexcept {
    float magnitude = 0.0f, extreme = 0.0f;
    for (std::size_t i = 0; i < n; ++i)
        if (magnitude < std::fabs(x[i])) {
            magnitude = std::fabs(x[i]);
            extreme = x[i];
        }
    return extreme;
}

/// `x` truncated, at most `top`; x is not negative, and NaN (of an overflowed scale, reported later) gives
/// `top`.
inline std::uint8_t truncated(float x, int top) noexcept {
    return static_cast<std::uint8_t>(x < static_cast<float>(top) ? static_cast<int>(x) : top);
}

/// Codes around the middle `offset`, which is also the largest magnitude; the scale is stored.
inline void write_symmetric(const float* x, int offset, std::uint8_t* scale, std::uint8_t* codes) noexcept {
    const auto middle = static_cast<float>(offset);
    const float d = extreme_of(x, 32) / -middle, id = inverse(d);
    store_half(scale, d);
    for (std::size_t i = 0; i < 32; ++i) codes[i] = truncated(x[i] * id + (middle + 0.5f), 2 * offset - 1);
}

/// Codes 0..top from the minimum to the maximum; the scale and the minimum are stored.
inline void write_affine(const float* x, int top, std::uint8_t* scale_and_min, std::uint8_t* codes) noexcept {
    float min = x[0], max = x[0];  // the first of equals: 0 and -0 are
    for (std::size_t i = 1; i < 32; ++i) {
        if (x[i] < min) min = x[i];
        if (x[i] > max) max = x[i];
    }
    const float d = (max - min) / static_cast<float>(top), id = inverse(d);
    store_half(scale_and_min, d);
    store_half(scale_and_min + 2, min);
    for (std::size_t i = 0; i < 32; ++i) codes[i] = truncated((x[i] - min) * id + 0.5f, top);
}

/// 16 bytes: codes i and i + 16 are the nibbles of byte i.
inline void read_nibbles(const std::uint8_t* stored, std::uint8_t* codes) noexcept {
    for (std::size_t i = 0; i < 16; ++i) {
        codes[i] = stored[i] & 15;
        codes[16 + i] = stored[i] >> 4;
    }
}
inline void write_nibbles(const std::uint8_t* codes, std::uint8_t* stored) noexcept {
    for (std::size_t i = 0; i < 16; ++i)
        stored[i] = static_cast<std::uint8_t>((codes[i] & 15) | (codes[16 + i] & 15) << 4);
}

/// A word whose bit i is the fifth bit of code i, then the nibbles.
inline void read_five_bits(const std::uint8_t* stored, std::uint8_t* codes) noexcept {
    read_nibbles(stored + 4, codes);
    const auto high = load<std::uint32_t>(stored);
    for (std::size_t i = 0; i < 32; ++i) codes[i] |= static_cast<std::uint8_t>((high >> i & 1u) << 4);
}
inline void write_five_bits(const std::uint8_t* codes, std::uint8_t* stored) noexcept {
    std::uint32_t high = 0;
    for (std::size_t i = 0; i < 32; ++i) high |= (codes[i] >> 4 & 1u) << i;
    store(stored, high);
    write_nibbles(codes, stored + 4);
}

}  // namespace qslip::kernels
