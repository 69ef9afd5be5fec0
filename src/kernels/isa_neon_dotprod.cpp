#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

QSLIP_TARGET_REGION("arch=armv8.2-a+dotprod")
namespace qslip::kernels::neon_dotprod {
namespace {
#include "kernels/simd_neon-inl.h"
//
#include "kernels/dot4_neon_dotprod-inl.h"
//
#include "kernels/f64_neon-inl.h"
//
#include "kernels/body/block_sums_dot4-inl.h"
//
#include "kernels/body/code_steps-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::neon_dotprod
QSLIP_END_TARGET_REGION

namespace qslip::kernels {
extern const table neon_dotprod_table;
constexpr table neon_dotprod_table = QSLIP_TABLE(isa::neon_dotprod, neon_dotprod);
}  // namespace qslip::kernels
