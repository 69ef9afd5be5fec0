#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12's own intrinsics (bug 105593)
#pragma GCC diagnostic ignored "-Wuninitialized"        // the same
#endif
QSLIP_TARGET_REGION("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")
namespace qslip::kernels::avx512 {
namespace {
#include "kernels/simd_avx512-inl.h"
//
#include "kernels/f64_avx512-inl.h"
//
#include "kernels/body/block_sums_dot4-inl.h"
//
#include "kernels/tuned/nibble_steps_avx512-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::avx512
QSLIP_END_TARGET_REGION

namespace qslip::kernels {
extern const table avx512_table;
constexpr table avx512_table = QSLIP_TABLE(isa::avx512, avx512);
}  // namespace qslip::kernels
