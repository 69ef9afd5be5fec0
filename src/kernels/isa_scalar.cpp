
#include <qslip/kernels/block_codec.hpp>

#include <cstddef>
#include <cstdint>

#include "kernels/region.hpp"
#include "kernels/table.hpp"

namespace qslip::kernels::scalar {
namespace {
#include "kernels/simd_scalar-inl.h"
//
#include <qslip/core/f64_scalar-inl.h>
//
#include "kernels/body/block_sums_dot4-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::scalar

namespace qslip::kernels {
extern const table scalar_table;
constexpr table scalar_table = QSLIP_TABLE(isa::scalar, scalar);
}  // namespace qslip::kernels
