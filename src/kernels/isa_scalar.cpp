
#include "kernels/half.hpp"

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

namespace qslip::kernels::scalar {
namespace {
#include "kernels/simd_scalar-inl.h"
//
#include <qslip/detail/core/f64_scalar-inl.h>
//
#include "kernels/body/block_sums_dot4-inl.h"
//
#include "kernels/body/code_steps-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::scalar

namespace qslip::kernels {
extern const table scalar_table;
constexpr table scalar_table = QSLIP_TABLE(isa::scalar, scalar);
}  // namespace qslip::kernels
