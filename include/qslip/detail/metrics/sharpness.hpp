#pragma once
#include <qslip/detail/metrics/compare_position.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace qslip::metrics {

/// Slope of the candidate's log-probabilities on the base's, weighted by the base's probabilities:
/// below 1 the distribution became flatter, above 1 sharper. Empty where the base's log-probabilities
/// have no spread (weighted sum of squares < 1e-12) or a row is non-finite.
struct sharpness {
    std::optional<double> head;  ///< over the base's 16 most probable tokens
    std::optional<double> tail;  ///< over the others with ln p > -20
};

namespace detail {

inline constexpr std::size_t sharpness_head = 16;

/// Ids of the largest entries, ties to the lower id; at most 16.
struct top_ids {
    std::array<std::size_t, sharpness_head> id{};
    std::size_t n = 0;

    explicit top_ids(std::span<const float> row) noexcept {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (n == sharpness_head && !(row[i] > row[id[n - 1]])) continue;
            std::size_t at = n < sharpness_head ? n++ : n - 1;
            for (; at > 0 && row[i] > row[id[at - 1]]; --at) id[at] = id[at - 1];
            id[at] = i;
        }
    }
    bool has(std::size_t i) const noexcept {
        for (std::size_t k = 0; k < n; ++k)
            if (id[k] == i) return true;
        return false;
    }
};

/// Weighted least squares in two passes over the ids `use` accepts.
template <class LogP, class LogQ, class Use>
std::optional<double> weighted_slope(std::size_t n, LogP lp, LogQ lq, Use use) {
    double w = 0, x_sum = 0, y_sum = 0, xx = 0, xy = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (!use(i)) continue;
        const double p = math::exp(lp(i));
        w += p;
        x_sum += p * lp(i);
        y_sum += p * lq(i);
    }
    if (!(w > 0)) return std::nullopt;
    for (std::size_t i = 0; i < n; ++i) {
        if (!use(i)) continue;
        const double p = math::exp(lp(i)), dx = lp(i) - x_sum / w;
        xx += p * dx * dx;
        xy += p * dx * (lq(i) - y_sum / w);
    }
    return xx < 1e-12 ? std::nullopt : std::optional<double>(xy / xx);
}

}  // namespace detail

/// Shapes: base, cand [n_vocab]; rows of different length are cut to the shorter one.
/// Tokens masked in a row are left out.   Allocates: no.
inline sharpness sharpness_of(std::span<const float> base, std::span<const float> cand) noexcept {
    const std::size_t n = base.size() < cand.size() ? base.size() : cand.size();
    if (n == 0) return {};
    lane1::sweep_row a = {base.data(), 0, 0, 0, 0, false}, b = {cand.data(), 0, 0, 0, 0, false};
    lane1::sweep_scan_row(a, n);
    lane1::sweep_scan_row(b, n);
    if (a.nonfinite || b.nonfinite) return {};
    const auto lp = [&](std::size_t i) { return (static_cast<double>(base[i]) - a.max) - a.log_sum; };
    const auto lq = [&](std::size_t i) { return (static_cast<double>(cand[i]) - b.max) - b.log_sum; };
    const auto allowed = [&](std::size_t i) {
        return static_cast<double>(base[i]) >= lane1::sweep_lowest &&
               static_cast<double>(cand[i]) >= lane1::sweep_lowest;
    };
    const detail::top_ids head(base.first(n));
    return {detail::weighted_slope(n, lp, lq, [&](std::size_t i) { return allowed(i) && head.has(i); }),
            detail::weighted_slope(n, lp, lq,
                                   [&](std::size_t i) { return allowed(i) && lp(i) > -20 && !head.has(i); })};
}

}  // namespace qslip::metrics
