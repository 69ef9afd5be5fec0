// A power of two, then 32 nibbles that are 4-bit floats.
#include "kernels/formats/fp4.hpp"

namespace qslip::kernels {
namespace {

constexpr packing packed = {
    .kind = weight_kind::codebook4, .scales = scale_kind::f32, .offset = 12, .codebook = fp4_codebook};

/// 2^(exponent - 128): half of what E8M0 says, as the codebook is doubled.
float scale_of(int exponent) { return std::ldexp(1.0f, exponent - 128); }

void read(const std::uint8_t* stored, coded_block& out) {
    out.scales[0] = scale_of(stored[0]);
    read_nibbles(stored + 1, out.codes);
}

/// Of the powers of two that bring the largest number near the end of the steps, that with the least error.
int best_exponent(const float* x, const codebook_steps& steps) {
    const float extreme = std::fabs(extreme_of(x, 32));
    if (extreme == 0) return 0;
    const int middle = std::ilogb(extreme) + 125;
    int best = std::clamp(middle, 0, 254);
    float least = error_of(x, 32, scale_of(best), steps);
    for (int exponent = std::max(0, middle - 1); exponent <= std::min(254, middle + 1); ++exponent) {
        const float error = error_of(x, 32, scale_of(exponent), steps);
        if (!(error < least)) continue;
        least = error;
        best = exponent;
    }
    return best;
}

void write(const float* x, std::uint8_t* stored) {
    static const codebook_steps steps(packed);
    std::uint8_t codes[32];
    const int exponent = best_exponent(x, steps);
    stored[0] = static_cast<std::uint8_t>(exponent);
    put_codes(x, 32, scale_of(exponent), steps, codes);
    write_nibbles(codes, stored + 1);
}

}  // namespace

extern const weight_format mxfp4_format;
const weight_format mxfp4_format = {
    .packed = packed, .read_codes = read, .read_floats = nullptr, .write = write};

}  // namespace qslip::kernels
