#pragma once
// The sixteen numbers of a 4-bit float (one sign, two exponent, one mantissa bit), doubled, 12 added.
// Source: OCP Microscaling Formats 1.0, E2M1.
#include "kernels/formats/fit.hpp"

namespace qslip::kernels {

inline constexpr std::uint8_t fp4_codebook[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};

}  // namespace qslip::kernels
