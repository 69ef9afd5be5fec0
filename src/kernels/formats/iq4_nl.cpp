// An F16 scale, 32 nibbles that index the codebook.
#include "kernels/formats/iq4.hpp"

namespace qslip::kernels {
namespace {

constexpr packing packed = {.kind = weight_kind::codebook4, .offset = 128, .codebook = iq4_codebook};

void read(const std::uint8_t* stored, coded_block& out) {
    out.scales[0] = load_half(stored);
    read_nibbles(stored + 2, out.codes);
}

void write(const float* x, std::uint8_t* stored) {
    static const codebook_steps steps(packed);
    std::uint8_t codes[32];
    const float scale = half_of(best_scale(x, 32, steps));
    store_half(stored, scale);
    put_codes(x, 32, scale, steps, codes);
    write_nibbles(codes, stored + 2);
}

}  // namespace

extern const weight_format iq4_nl_format;
const weight_format iq4_nl_format = {
    .packed = packed, .read_codes = read, .read_floats = nullptr, .write = write};

}  // namespace qslip::kernels
