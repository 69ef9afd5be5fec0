// Nibbles: 128 codes in 64 bytes; bits 4 and 5: 128 codes in 32 bytes; signed factors of sixteen groups of
// 16; their unit. Codes around 32.
#include "kernels/formats/fit.hpp"

namespace qslip::kernels {
namespace {

constexpr std::size_t factors_at = 192, unit_at = 208;
constexpr linear_steps steps{-32.0f, 31.0f};
constexpr auto planes = make_planes<12>([](std::size_t i) {
    if (i < 4) return bit_plane{i / 2 * 64, 64, i % 2 * 4, 4, i * 64, 0};
    const std::size_t quarter = i - 4;  // of half a block
    return bit_plane{128 + quarter / 4 * 32, 32, quarter % 4 * 2, 2, quarter * 32, 4};
});

void read(const std::uint8_t* stored, coded_block& out) {
    const float unit = load_half(stored + unit_at);
    for (std::size_t g = 0; g < 16; ++g)
        out.scales[g] = unit * static_cast<float>(load<std::int8_t>(stored + factors_at + g));
    read_planes(planes, stored, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[256];
    const multiples m = encode_scales({x, 16, 16}, steps, -128, 127, codes);
    for (std::size_t g = 0; g < 16; ++g)
        store(stored + factors_at + g, static_cast<std::int8_t>(m.factors[g]));
    store_half(stored + unit_at, m.unit);
    write_planes(planes, codes, stored);
}

}  // namespace

extern const weight_format q6_k_format;
const weight_format q6_k_format = {
    .packed = {.kind = weight_kind::u8, .scales = scale_kind::f32, .scale_inputs = 16, .offset = 32},
    .read_codes = read,
    .read_floats = nullptr,
    .write = write};

}  // namespace qslip::kernels
