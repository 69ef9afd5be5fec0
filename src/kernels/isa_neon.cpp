#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

namespace qslip::kernels::neon {
namespace {
#include "kernels/simd_neon-inl.h"
//
#include "kernels/dot4_neon-inl.h"
//
#include "kernels/f64_neon-inl.h"
//
#include "kernels/body/block_sums_dot4-inl.h"
//
#include "kernels/body/code_steps-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::neon

namespace qslip::kernels {
extern const table neon_table;
constexpr table neon_table = QSLIP_TABLE(isa::neon, neon);
}  // namespace qslip::kernels
