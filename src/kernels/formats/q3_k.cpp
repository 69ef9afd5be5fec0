// Third bits: bit g of byte i for input i of the g-th 32; 128 codes of two bits in 32 bytes; factors of
// sixteen groups of 16, six bits around 32; their unit. Codes around 4.
#include "kernels/formats/fit.hpp"

namespace qslip::kernels {
namespace {

constexpr std::size_t unit_at = 108;
constexpr linear_steps steps{-4.0f, 3.0f};
constexpr auto factor_planes = make_planes<6>([](std::size_t i) {
    return i < 2 ? bit_plane{96, 8, i * 4, 4, i * 8, 0} : bit_plane{104, 4, (i - 2) * 2, 2, (i - 2) * 4, 4};
});
constexpr auto planes = make_planes<16>([](std::size_t i) {
    const std::size_t k = i % 8;
    return i < 8 ? bit_plane{32 + k / 4 * 32, 32, k % 4 * 2, 2, k * 32, 0}
                 : bit_plane{0, 32, k, 1, k * 32, 2};
});

void read(const std::uint8_t* stored, coded_block& out) {
    std::uint8_t factors[16];
    read_planes(factor_planes, stored, factors);
    const float unit = load_half(stored + unit_at);
    for (std::size_t g = 0; g < 16; ++g) out.scales[g] = unit * static_cast<float>(factors[g] - 32);
    read_planes(planes, stored, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[256], factors[16];
    const multiples m = encode_scales({x, 16, 16}, steps, -32, 31, codes);
    for (std::size_t g = 0; g < 16; ++g) factors[g] = static_cast<std::uint8_t>(m.factors[g] + 32);
    store_half(stored + unit_at, m.unit);
    write_planes(factor_planes, factors, stored);
    write_planes(planes, codes, stored);
}

}  // namespace

extern const weight_format q3_k_format;
const weight_format q3_k_format = {
    .packed = {.kind = weight_kind::u4, .scales = scale_kind::f32, .scale_inputs = 16, .offset = 4},
    .read_codes = read,
    .read_floats = nullptr,
    .write = write};

}  // namespace qslip::kernels
