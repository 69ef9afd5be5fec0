// The emulated 16-lane tier: the AVX-512 tile shapes in plain C++, built for tests only.
#include "kernels/half.hpp"

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "kernels/region.hpp"

// Its registers are arrays: loops over them stay loops.
#undef QSLIP_UNROLL
#define QSLIP_UNROLL

namespace qslip::kernels::wide {
namespace {
#include "kernels/simd_wide-inl.h"
//
#include <qslip/detail/core/f64_scalar-inl.h>
//
#include "kernels/body/block_sums_dot4-inl.h"
//
#include "kernels/body/code_steps-inl.h"
//
#include "kernels/body/all-inl.h"
}  // namespace
}  // namespace qslip::kernels::wide

namespace qslip::test {
extern const kernels::table wide_table;
constexpr kernels::table wide_table = QSLIP_TABLE(isa::scalar, kernels::wide);
}  // namespace qslip::test
