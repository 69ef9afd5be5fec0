// An F16 scale, 32 codes of five bits around 16.
#include "kernels/formats/nearest.hpp"

namespace qslip::kernels {
namespace {

void read(const std::uint8_t* stored, coded_block& out) {
    out.scales[0] = load_half(stored);
    read_five_bits(stored + 2, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[32];
    write_symmetric(x, 16, stored, codes);
    write_five_bits(codes, stored + 2);
}

}  // namespace

extern const weight_format q5_0_format;
const weight_format q5_0_format = {.packed = {.kind = weight_kind::u8, .offset = 16},
                                   .read_codes = read,
                                   .read_floats = nullptr,
                                   .write = write};

}  // namespace qslip::kernels
