#pragma once
// The codebook of IQ4_NL and IQ4_XS, 128 added: -127, -104, ..., 113.
#include "kernels/formats/fit.hpp"

namespace qslip::kernels {

inline constexpr std::uint8_t iq4_codebook[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                                  129, 141, 153, 166, 181, 197, 217, 241};

}  // namespace qslip::kernels
