#include "kernels/stored.hpp"
#include "kernels/weight_format.hpp"

namespace qslip::kernels {
namespace {

void read(const std::uint8_t* stored, std::size_t n, float* out) {
    for (std::size_t i = 0; i < n; ++i) out[i] = bfloat_to_float(load<std::uint16_t>(stored + 2 * i));
}

void write(const float* x, std::uint8_t* stored) { store(stored, float_to_bfloat(*x)); }

}  // namespace

extern const weight_format bf16_format;
const weight_format bf16_format = {
    .packed = {.kind = weight_kind::bf16}, .read_codes = nullptr, .read_floats = read, .write = write};

}  // namespace qslip::kernels
