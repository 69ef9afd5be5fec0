#pragma once
#include <qslip/detail/core/isa.hpp>
#include <qslip/detail/core/position_values.hpp>

#include <cstdint>
#include <span>

namespace qslip {

/// What metrics/compare_position.hpp computes, with the instructions of `tier`: the same bits, 4
/// (AVX2) to 5.5 (AVX-512) times as fast. A tier this build does not hold runs as scalar; the machine must
/// support `tier`. Shapes: base, cand [n_vocab], cut to the shorter one; `target` an id or -1.   Allocates:
/// no. Errors: none; an empty or non-finite row sets base_nonfinite / cand_nonfinite.
position_values compare_position(isa tier, std::span<const float> base, std::span<const float> cand,
                                 std::int32_t target = -1) noexcept;

}  // namespace qslip
