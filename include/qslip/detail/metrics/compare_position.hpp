#pragma once
#include <qslip/detail/core/math.hpp>
#include <qslip/detail/core/position_values.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

/// Which build of the sweep compare_position() runs. Linking qslip::qslip (or qslip-cpp by pkg-config)
/// defines QSLIP_LINKED and gives the library's vector kernels; without it the sweep is compiled from this
/// header. Same bits. The namespace is part of every symbol built on the choice, so one program may hold
/// both.
#if defined(QSLIP_LINKED)
#define QSLIP_SWEEP_BUILD by_library
#else
#define QSLIP_SWEEP_BUILD by_header
#endif

namespace qslip::metrics {

/// The one-lane build of the sweep, for programs that link nothing. The kernels' builds give its bits.
namespace lane1 {
using namespace qslip::math::lane1;
#include <qslip/detail/metrics/sweep-inl.h>
}  // namespace lane1

/// The rows, cut to the shorter one, through one build of the sweep.
inline position_values sweep_rows(decltype(lane1::position_sweep)* sweep, std::span<const float> base,
                                  std::span<const float> cand, std::int32_t target) noexcept {
    position_values out;
    out.base_nonfinite = base.empty();
    out.cand_nonfinite = cand.empty();
    const std::size_t n = base.size() < cand.size() ? base.size() : cand.size();
    if (n > 0) sweep(base.data(), cand.data(), n, target, &out);
    return out;
}

namespace by_header {
inline position_values compare_position(std::span<const float> base, std::span<const float> cand,
                                        std::int32_t target = -1) noexcept {
    return sweep_rows(lane1::position_sweep, base, cand, target);
}
}  // namespace by_header

namespace by_library {
/// On the fastest instructions here, or those QSLIP_FORCE_ISA names; 4 (AVX2) to 5.5 (AVX-512) times as fast.
position_values compare_position(std::span<const float> base, std::span<const float> cand,
                                 std::int32_t target = -1) noexcept;
}  // namespace by_library

/// All metrics of one position (docs/method.md, section 2), straight from logits.
/// Shapes: base, cand [n_vocab], any scale, need not be normalised; `target` an id or -1.
/// Rows of different length are cut to the shorter one (cut_mass() says what that loses).
/// Numerics: double, canonical order.   Allocates: no.   Thread-safe: yes.
/// Errors: none; an empty or non-finite row sets base_nonfinite / cand_nonfinite.
using QSLIP_SWEEP_BUILD::compare_position;

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
