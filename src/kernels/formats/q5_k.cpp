// The start of k_factors.hpp, then fifth bits: bit g of byte i for input i of group g, then nibbles as Q4_K.
#include "kernels/formats/k_factors.hpp"

namespace qslip::kernels {
namespace {

constexpr auto planes = make_planes<16>([](std::size_t i) {
    const std::size_t group = i % 8;
    return i < 8 ? bit_plane{48 + group / 2 * 32, 32, group % 2 * 4, 4, group * 32, 0}
                 : bit_plane{16, 32, group, 1, group * 32, 4};
});

void read(const std::uint8_t* stored, coded_block& out) {
    read_k_scales(stored, out);
    read_planes(planes, stored, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[256];
    write_k_scales(x, 31, stored, codes);
    write_planes(planes, codes, stored);
}

}  // namespace

extern const weight_format q5_k_format;
const weight_format q5_k_format = {
    .packed = {.kind = weight_kind::u8, .scales = scale_kind::f32, .has_min = true},
    .read_codes = read,
    .read_floats = nullptr,
    .write = write};

}  // namespace qslip::kernels
