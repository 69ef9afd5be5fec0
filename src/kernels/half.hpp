#pragma once
// binary16 and bfloat16 to and from binary32, by integers: the same bits on every machine.
#include <bit>
#include <cstdint>

namespace qslip {

/// IEEE 754 binary16 to binary32: exact; NaN stays NaN with its payload.
constexpr float half_to_float(std::uint16_t h) noexcept {
    const std::uint32_t sign = std::uint32_t{h} >> 15 << 31;
    const std::uint32_t exponent = (h >> 10) & 31u, mantissa = h & 0x3FFu;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | mantissa << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
    // Subnormal: the mantissa counts units of 2^-24; the product is exact.
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

/// binary32 to binary16, ties to even; beyond the range becomes infinity, NaN stays a (quiet) NaN.
constexpr std::uint16_t float_to_half(float f) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(f);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) return static_cast<std::uint16_t>(sign | 0x7E00u);
    if (magnitude >= 0x477FF000u)
        return static_cast<std::uint16_t>(sign | 0x7C00u);  // rounds to 65536 or more
    std::uint32_t kept = 0, rest = 0, half = 0;
    if (magnitude >= 0x38800000u) {  // normal in binary16
        kept = (magnitude - 0x38000000u) >> 13;
        rest = magnitude & 0x1FFFu;
        half = 0x1000u;
    } else if (magnitude >= 0x33000000u) {  // at least half the least subnormal
        const std::uint32_t shift = 126 - (magnitude >> 23);
        const std::uint32_t mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
        kept = mantissa >> shift;
        rest = mantissa & ((1u << shift) - 1);
        half = 1u << (shift - 1);
    }
    if (rest > half || (rest == half && rest != 0 && (kept & 1u))) ++kept;
    return static_cast<std::uint16_t>(sign | kept);
}

/// bfloat16 to binary32: exact.
constexpr float bfloat_to_float(std::uint16_t b) noexcept {
    return std::bit_cast<float>(std::uint32_t{b} << 16);
}

/// binary32 to bfloat16, ties to even; NaN stays a (quiet) NaN, subnormals are kept.
constexpr std::uint16_t float_to_bfloat(float f) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(f);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<std::uint16_t>(bits >> 16 | 64u);
    return static_cast<std::uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace qslip
