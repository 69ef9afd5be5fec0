// An F16 scale and minimum, 32 nibbles.
#include "kernels/formats/nearest.hpp"

namespace qslip::kernels {
namespace {

void read(const std::uint8_t* stored, coded_block& out) {
    out.scales[0] = load_half(stored);
    out.minima[0] = load_half(stored + 2);
    read_nibbles(stored + 4, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[32];
    write_affine(x, 15, stored, codes);
    write_nibbles(codes, stored + 4);
}

}  // namespace

extern const weight_format q4_1_format;
const weight_format q4_1_format = {.packed = {.kind = weight_kind::u4, .has_min = true},
                                   .read_codes = read,
                                   .read_floats = nullptr,
                                   .write = write};

}  // namespace qslip::kernels
