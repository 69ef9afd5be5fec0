#include "kernels/position_sweep.hpp"

#include <qslip/detail/metrics/compare_position.hpp>

#include "kernels/kernel_table.hpp"

namespace qslip {

position_values compare_position(isa tier, std::span<const float> base, std::span<const float> cand,
                                 std::int32_t target) noexcept {
    const kernels::table* ops = kernels::find_table(tier);
    if (ops == nullptr) ops = kernels::find_table(isa::scalar);
    return metrics::sweep_rows(ops->position_sweep, base, cand, target);
}

/// A wrong QSLIP_FORCE_ISA has no way to be told here, and changes no bit.
static isa default_isa() noexcept {
    const auto tier = resolve_isa({});
    return tier ? *tier : isa::scalar;
}

position_values metrics::by_library::compare_position(std::span<const float> base,
                                                      std::span<const float> cand,
                                                      std::int32_t target) noexcept {
    static const isa tier = default_isa();
    return qslip::compare_position(tier, base, cand, target);
}

}  // namespace qslip
