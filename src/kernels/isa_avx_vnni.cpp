#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

QSLIP_TARGET_REGION("avx2,fma,f16c,avxvnni")
namespace qslip::kernels::avx_vnni {
namespace {
#include "kernels/simd_avx2-inl.h"
//
#include "kernels/f64_avx2-inl.h"
//
#include "kernels/dot4_avx_vnni-inl.h"
//
#include "kernels/body/block_sums_dot4-inl.h"
//
#include "kernels/body/code_steps-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::avx_vnni
QSLIP_END_TARGET_REGION

namespace qslip::kernels {
extern const table avx_vnni_table;
constexpr table avx_vnni_table = QSLIP_TABLE(isa::avx_vnni, avx_vnni);
}  // namespace qslip::kernels
