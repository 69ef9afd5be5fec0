#include <qslip/detail/kernels/position_sweep.hpp>

#include <algorithm>

#include "kernels/kernel_table.hpp"

namespace qslip {

position_values compare_position(isa tier, std::span<const float> base, std::span<const float> cand,
                                 std::int32_t target) noexcept {
    position_values out;
    const std::size_t n = std::min(base.size(), cand.size());
    out.base_nonfinite = base.empty();
    out.cand_nonfinite = cand.empty();
    if (n == 0) return out;
    const kernels::table* ops = kernels::find_table(tier);
    if (ops == nullptr) ops = kernels::find_table(isa::scalar);
    ops->position_sweep(base.data(), cand.data(), n, target, &out);
    return out;
}

}  // namespace qslip
