// The start of k_factors.hpp, then nibbles: 64 codes in 32 bytes.
#include "kernels/formats/k_factors.hpp"

namespace qslip::kernels {
namespace {

constexpr auto planes = make_planes<8>(
    [](std::size_t group) { return bit_plane{16 + group / 2 * 32, 32, group % 2 * 4, 4, group * 32, 0}; });

void read(const std::uint8_t* stored, coded_block& out) {
    read_k_scales(stored, out);
    read_planes(planes, stored, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[256];
    write_k_scales(x, 15, stored, codes);
    write_planes(planes, codes, stored);
}

}  // namespace

extern const weight_format q4_k_format;
const weight_format q4_k_format = {
    .packed = {.kind = weight_kind::u4, .scales = scale_kind::f32, .has_min = true},
    .read_codes = read,
    .read_floats = nullptr,
    .write = write};

}  // namespace qslip::kernels
