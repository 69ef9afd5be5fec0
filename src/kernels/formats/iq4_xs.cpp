// The unit of the scales; factors of eight groups of 32, six bits around 32: bits 4 and 5 of all, then
// nibbles; 32 codes in 16 bytes, nibbles that index the codebook.
#include "kernels/formats/iq4.hpp"

namespace qslip::kernels {
namespace {

constexpr packing packed = {
    .kind = weight_kind::codebook4, .scales = scale_kind::f32, .offset = 128, .codebook = iq4_codebook};
constexpr auto planes =
    make_planes<16>([](std::size_t i) { return bit_plane{8 + i / 2 * 16, 16, i % 2 * 4, 4, i * 16, 0}; });

void read(const std::uint8_t* stored, coded_block& out) {
    const float unit = load_half(stored);
    const auto high = load<std::uint16_t>(stored + 2);
    for (std::size_t g = 0; g < 8; ++g) {
        const int factor = (stored[4 + g / 2] >> g % 2 * 4 & 15) | (high >> 2 * g & 3) << 4;
        out.scales[g] = unit * static_cast<float>(factor - 32);
    }
    read_planes(planes, stored, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    static const codebook_steps steps(packed);
    std::uint8_t codes[256];
    const multiples m = encode_scales({x, 8, 32}, steps, -32, 31, codes);
    unsigned high = 0;
    for (std::size_t g = 0; g < 8; ++g) {
        const auto factor = static_cast<unsigned>(m.factors[g] + 32);
        stored[4 + g / 2] |= static_cast<std::uint8_t>((factor & 15) << g % 2 * 4);
        high |= (factor >> 4) << 2 * g;
    }
    store_half(stored, m.unit);
    store(stored + 2, static_cast<std::uint16_t>(high));
    write_planes(planes, codes, stored);
}

}  // namespace

extern const weight_format iq4_xs_format;
const weight_format iq4_xs_format = {
    .packed = packed, .read_codes = read, .read_floats = nullptr, .write = write};

}  // namespace qslip::kernels
