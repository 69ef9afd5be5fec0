#pragma once
#include <qslip/detail/core/isa.hpp>
#include <qslip/detail/core/position_values.hpp>

#include <cstdint>
#include <span>

namespace qslip {

/// metrics::compare_position() pinned to a tier, as a model is. A tier this build does not hold runs as
/// scalar; the machine must support `tier`.
position_values compare_position(isa tier, std::span<const float> base, std::span<const float> cand,
                                 std::int32_t target = -1) noexcept;

}  // namespace qslip
