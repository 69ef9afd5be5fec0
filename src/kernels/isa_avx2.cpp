#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

QSLIP_TARGET_REGION("avx2,fma,f16c")
namespace qslip::kernels::avx2 {
namespace {
#include "kernels/simd_avx2-inl.h"
//
#include "kernels/f64_avx2-inl.h"
//
#include "kernels/tuned/block_sums_avx2-inl.h"
//
#include "kernels/body/code_steps-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::avx2
QSLIP_END_TARGET_REGION

namespace qslip::kernels {
extern const table avx2_table;
constexpr table avx2_table = QSLIP_TABLE(isa::avx2, avx2);
}  // namespace qslip::kernels
