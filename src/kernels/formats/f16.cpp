#include "kernels/stored.hpp"
#include "kernels/weight_format.hpp"

namespace qslip::kernels {
namespace {

void read(const std::uint8_t* stored, std::size_t n, float* out) {
    for (std::size_t i = 0; i < n; ++i) out[i] = load_half(stored + 2 * i);
}

void write(const float* x, std::uint8_t* stored) { store_half(stored, *x); }

}  // namespace

extern const weight_format f16_format;
const weight_format f16_format = {
    .packed = {.kind = weight_kind::f16}, .read_codes = nullptr, .read_floats = read, .write = write};

}  // namespace qslip::kernels
