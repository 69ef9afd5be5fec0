// Scales of four groups of 16, E4M3 without a sign, then 4-bit floats: 16 of a group in 8 bytes. Read only:
// to use the range of the scales a writer needs a scale of the whole tensor beside them.
#include "kernels/formats/fp4.hpp"

namespace qslip::kernels {
namespace {

constexpr packing packed = {.kind = weight_kind::codebook4,
                            .scales = scale_kind::f32,
                            .scale_inputs = 16,
                            .offset = 12,
                            .codebook = fp4_codebook};
constexpr auto planes =
    make_planes<8>([](std::size_t i) { return bit_plane{4 + i / 2 * 8, 8, i % 2 * 4, 4, i * 8, 0}; });

/// Half of what the byte says, as the codebook is doubled. 127 stands for no number: ggml takes it as zero.
float scale_of(int byte) {
    const int exponent = byte >> 3 & 15, mantissa = byte & 7;
    if (byte == 127) return 0;
    if (exponent == 0) return std::ldexp(static_cast<float>(mantissa), -10);
    return std::ldexp(static_cast<float>(8 + mantissa), exponent - 11);
}

void read(const std::uint8_t* stored, coded_block& out) {
    for (std::size_t g = 0; g < 4; ++g) out.scales[g] = scale_of(stored[g]);
    read_planes(planes, stored, {out.codes, 64});
}

}  // namespace

extern const weight_format nvfp4_format;
const weight_format nvfp4_format = {
    .packed = packed, .read_codes = read, .read_floats = nullptr, .write = nullptr};

}  // namespace qslip::kernels
