#include "kernels/stored.hpp"
#include "kernels/weight_format.hpp"

namespace qslip::kernels {
namespace {

void read(const std::uint8_t* stored, std::size_t n, float* out) {
    std::memcpy(out, stored, n * sizeof(float));
}

void write(const float* x, std::uint8_t* stored) { store(stored, *x); }

}  // namespace

extern const weight_format f32_format;
const weight_format f32_format = {
    .packed = {.kind = weight_kind::f32}, .read_codes = nullptr, .read_floats = read, .write = write};

}  // namespace qslip::kernels
