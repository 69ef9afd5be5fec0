// Factors of sixteen groups of 16: the scale low, the minimum high in a byte; 128 codes of two bits in 32
// bytes; the unit of the scales, that of the minima.
#include "kernels/formats/fit_affine.hpp"

namespace qslip::kernels {
namespace {

constexpr std::size_t units_at = 80;
constexpr bit_plane factor_planes[] = {{0, 16, 0, 4, 0, 0}, {0, 16, 4, 4, 16, 0}};
constexpr auto planes =
    make_planes<8>([](std::size_t i) { return bit_plane{16 + i / 4 * 32, 32, i % 4 * 2, 2, i * 32, 0}; });

void read(const std::uint8_t* stored, coded_block& out) {
    std::uint8_t factors[32];
    read_planes(factor_planes, stored, factors);
    read_affine(stored + units_at, factors, factors + 16, 16, out);
    read_planes(planes, stored, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[256];
    const affine_multiples m = encode_affine({x, 16, 16}, 3, 15, stored + units_at, codes);
    for (std::size_t g = 0; g < 16; ++g)
        stored[g] = static_cast<std::uint8_t>(m.scales.factors[g] | m.minima.factors[g] << 4);
    write_planes(planes, codes, stored);
}

}  // namespace

extern const weight_format q2_k_format;
const weight_format q2_k_format = {
    .packed = {.kind = weight_kind::u4, .scales = scale_kind::f32, .scale_inputs = 16, .has_min = true},
    .read_codes = read,
    .read_floats = nullptr,
    .write = write};

}  // namespace qslip::kernels
