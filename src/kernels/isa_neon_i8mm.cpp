#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

QSLIP_TARGET_REGION("arch=armv8.2-a+i8mm")
namespace qslip::kernels::neon_i8mm {
namespace {
#include "kernels/simd_neon-inl.h"
//
#include "kernels/f64_neon-inl.h"
//
#include "kernels/tuned/block_sums_i8mm-inl.h"
//
#include "kernels/body/code_steps-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::neon_i8mm
QSLIP_END_TARGET_REGION

namespace qslip::kernels {
extern const table neon_i8mm_table;
constexpr table neon_i8mm_table = QSLIP_TABLE(isa::neon_i8mm, neon_i8mm);
}  // namespace qslip::kernels
