// Codes 0, 1, 2 as digits of numbers to base 3, five or four to a byte, then an F16 scale. A byte holds
// ceil(number * 256 / 243), so that multiplying by 3 brings the digits to the top one by one. Codes around 1.
#include "kernels/formats/ternary.hpp"

namespace qslip::kernels {
namespace {

constexpr std::size_t scale_at = 52;

/// Digit d of byte i is code `code` + d * n_bytes + i.
struct digit_run {
    std::size_t byte, n_bytes, n_digits, code;
};
constexpr digit_run runs[] = {{0, 32, 5, 0}, {32, 16, 5, 160}, {48, 4, 4, 240}};

void read(const std::uint8_t* stored, coded_block& out) {
    read_scale(stored + scale_at, 256, out);
    for (const digit_run& run : runs)
        for (std::size_t i = 0; i < run.n_bytes; ++i) {
            unsigned rest = stored[run.byte + i];
            for (std::size_t digit = 0; digit < run.n_digits; ++digit) {
                out.codes[run.code + digit * run.n_bytes + i] = static_cast<std::uint8_t>(rest * 3 >> 8);
                rest = rest * 3 & 255;
            }
        }
}

void write(const float* x, std::uint8_t* stored) {
    std::uint8_t codes[256];
    write_ternary(x, 256, stored + scale_at, codes);
    for (const digit_run& run : runs)
        for (std::size_t i = 0; i < run.n_bytes; ++i) {
            unsigned number = 0;
            for (std::size_t digit = 0; digit < 5; ++digit)
                number = number * 3 + (digit < run.n_digits ? codes[run.code + digit * run.n_bytes + i] : 0u);
            stored[run.byte + i] = static_cast<std::uint8_t>((number * 256 + 242) / 243);
        }
}

}  // namespace

extern const weight_format tq1_0_format;
const weight_format tq1_0_format = {.packed = {.kind = weight_kind::u4, .offset = 1},
                                    .read_codes = read,
                                    .read_floats = nullptr,
                                    .write = write};

}  // namespace qslip::kernels
