// An F16 scale, 32 signed bytes.
#include "kernels/formats/nearest.hpp"

namespace qslip::kernels {
namespace {

void read(const std::uint8_t* stored, coded_block& out) {
    out.scales[0] = load_half(stored);
    for (std::size_t i = 0; i < 32; ++i) out.codes[i] = stored[2 + i] ^ 0x80;  // signed to offset 128
}

void write(const float* x, std::uint8_t* stored) {
    const float d = std::fabs(extreme_of(x, 32)) / 127.0f, id = inverse(d);
    store_half(stored, d);
    for (std::size_t i = 0; i < 32; ++i)
        store(stored + 2 + i, static_cast<std::int8_t>(std::round(x[i] * id)));
}

}  // namespace

extern const weight_format q8_0_format;
const weight_format q8_0_format = {.packed = {.kind = weight_kind::u8, .offset = 128},
                                   .read_codes = read,
                                   .read_floats = nullptr,
                                   .write = write};

}  // namespace qslip::kernels
