#pragma once
#include <qslip/detail/core/math.hpp>
#include <qslip/detail/core/position_values.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace qslip::metrics {

/// The one-lane build of the sweep, for programs that link nothing. The kernels' builds give its bits.
namespace lane1 {
using namespace qslip::math::lane1;
#include <qslip/detail/metrics/sweep-inl.h>
}  // namespace lane1

/// Everything section 2 of the metrics defines at one position, straight from logits.
/// Shapes: base, cand [n_vocab], any scale, need not be normalised; `target` an id or -1.
/// Rows of different length are cut to the shorter one (cut_mass() says what that loses).
/// Numerics: double, canonical order.   Allocates: no.   Thread-safe: yes.
/// Errors: none; an empty or non-finite row sets base_nonfinite / cand_nonfinite.
inline position_values compare_position(std::span<const float> base, std::span<const float> cand,
                                        std::int32_t target = -1) noexcept {
    position_values out;
    const std::size_t n = base.size() < cand.size() ? base.size() : cand.size();
    if (n == 0) {
        out.base_nonfinite = base.empty();
        out.cand_nonfinite = cand.empty();
        return out;
    }
    lane1::position_sweep(base.data(), cand.data(), n, target, &out);
    return out;
}

/// Share of the softmax mass of `row` that lies at or beyond `n_kept`: what cutting a padded vocabulary
/// to its true size takes away, in [0, 1]. NaN when the row is non-finite or n_kept is 0.
inline double cut_mass(std::span<const float> row, std::size_t n_kept) noexcept {
    lane1::sweep_row top = {row.data(), 0, 0, 0, 0, false};
    if (row.empty() || n_kept == 0) return __builtin_nan("");
    lane1::sweep_scan_row(top, row.size());
    if (top.nonfinite) return __builtin_nan("");
    double mass = 0;
    for (std::size_t i = n_kept; i < row.size(); ++i)
        mass += math::lane1::f64_exp_flush((static_cast<double>(row[i]) - top.max) - top.log_sum);
    return mass;
}

}  // namespace qslip::metrics
