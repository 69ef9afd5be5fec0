// 128 codes of two bits in 32 bytes, then an F16 scale. Codes around 1.
#include "kernels/formats/ternary.hpp"

namespace qslip::kernels {
namespace {

constexpr std::size_t scale_at = 64;
constexpr auto planes =
    make_planes<8>([](std::size_t i) { return bit_plane{i / 4 * 32, 32, i % 4 * 2, 2, i * 32, 0}; });

void read(const std::uint8_t* stored, coded_block& out) {
    read_scale(stored + scale_at, 256, out);
    read_planes(planes, stored, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[256];
    write_ternary(x, 256, stored + scale_at, codes);
    write_planes(planes, codes, stored);
}

}  // namespace

extern const weight_format tq2_0_format;
const weight_format tq2_0_format = {.packed = {.kind = weight_kind::u4, .offset = 1},
                                    .read_codes = read,
                                    .read_floats = nullptr,
                                    .write = write};

}  // namespace qslip::kernels
