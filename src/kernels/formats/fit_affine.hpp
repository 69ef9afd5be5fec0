#pragma once
// As fit.hpp, for types whose groups have a minimum too: x is about scale * step - minimum, neither negative.
#include "kernels/formats/fit.hpp"

namespace qslip::kernels {

struct affine {
    float scale = 0, minimum = 0;
};

inline float error_of(const float* x, std::size_t n, const affine& a, const linear_steps& steps) noexcept {
    const float id = inverse(a.scale);
    lane_sum error;
    each_in_lanes(n, [&](std::size_t i, std::size_t lane) {
        const float shifted = x[i] + a.minimum, e = shifted - a.scale * steps.nearest(shifted * id);
        error.lanes[lane] += e * e;
    });
    return error.total();
}

/// Sums over n numbers x and the steps q nearest to (x + minimum) * id.
struct affine_sums {
    float n, x, q, xq, qq;

    affine_sums(const float* values, std::size_t count, float minimum, float id,
                const linear_steps& steps) noexcept {
        lane_sum sx, sq, sxq, sqq;
        each_in_lanes(count, [&](std::size_t i, std::size_t lane) {
            const float step = steps.nearest((values[i] + minimum) * id);
            sx.lanes[lane] += values[i];
            sq.lanes[lane] += step;
            sxq.lanes[lane] += values[i] * step;
            sqq.lanes[lane] += step * step;
        });
        n = static_cast<float>(count);
        x = sx.total();
        q = sq.total();
        xq = sxq.total();
        qq = sqq.total();
    }
    /// Of the least error with these steps.
    affine fit() const noexcept {
        const float determinant = n * qq - q * q;
        const affine a{(n * xq - x * q) / determinant, (xq * q - x * qq) / determinant};
        if (determinant > 0 && a.minimum >= 0) return a;
        return {qq > 0 ? xq / qq : 0.0f, 0.0f};
    }
};

/// Tries the range of n numbers a little within and beyond the steps.
inline affine best_affine(const float* x, std::size_t n, const linear_steps& steps) noexcept {
    constexpr int n_tries = 5;
    const float min = std::min(0.0f, *std::min_element(x, x + n)), range = *std::max_element(x, x + n) - min;
    if (!(range > 0)) return {0.0f, -min};
    affine best{range / steps.high, -min};
    float least = error_of(x, n, best, steps);
    for (int i = -n_tries; i <= n_tries; ++i) {
        const float id = (steps.high + static_cast<float>(i) * 0.2f) / range;
        const affine a = affine_sums(x, n, -min, id, steps).fit();
        const float error = error_of(x, n, a, steps);
        if (!(a.scale >= 0) || !(error < least)) continue;
        least = error;
        best = a;
    }
    return best;
}

/// Scales and minima of groups as whole multiples of two binary16 numbers.
struct affine_multiples {
    multiples scales, minima;
    affine at(std::size_t group) const noexcept { return {scales.scale(group), minima.scale(group)}; }
};

/// For each factor of the scale beside the present one, the minimum that suits its steps; keeps the best
/// pair.
inline void improve_pairs(const group_view& in, const linear_steps& steps, int high,
                          affine_multiples& m) noexcept {
    for (std::size_t g = 0; g < in.n_groups; ++g) {
        const int middle = m.scales.factors[g];
        float least = error_of(in.group(g), in.n, m.at(g), steps);
        affine_multiples trial = m;
        for (int factor = std::max(0, middle - 1); factor <= std::min(high, middle + 1); ++factor) {
            trial.scales.factors[g] = factor;
            const affine now{trial.scales.scale(g), m.minima.scale(g)};
            const affine_sums sums(in.group(g), in.n, now.minimum, inverse(now.scale), steps);
            const float minimum = (now.scale * sums.q - sums.x) / sums.n;
            trial.minima.factors[g] = whole(minimum * inverse(m.minima.unit), 0, high);
            const float error = error_of(in.group(g), in.n, trial.at(g), steps);
            if (!(error < least)) continue;
            least = error;
            m.scales.factors[g] = factor;
            m.minima.factors[g] = trial.minima.factors[g];
        }
    }
}

/// The two units that suit factors and steps best.
inline void refit_units(const group_view& in, const linear_steps& steps, affine_multiples& m) noexcept {
    double ss = 0, sm = 0, mm = 0, sx = 0, mx = 0;  // products of s = factor * step, m = factor, x
    for (std::size_t g = 0; g < in.n_groups; ++g) {
        const affine a = m.at(g);
        const affine_sums sums(in.group(g), in.n, a.minimum, inverse(a.scale), steps);
        const double scale = m.scales.factors[g], minimum = m.minima.factors[g];
        ss += scale * scale * sums.qq;
        sm += scale * minimum * sums.q;
        mm += minimum * minimum * sums.n;
        sx += scale * sums.xq;
        mx += minimum * sums.x;
    }
    const double determinant = ss * mm - sm * sm;
    const float scale = half_of(static_cast<float>(mm > 0 ? (mm * sx - sm * mx) / determinant : sx / ss));
    const float minimum = half_of(static_cast<float>(mm > 0 ? (sm * sx - ss * mx) / determinant : 0.0));
    if (!(scale > 0) || !(minimum >= 0) || !std::isfinite(scale) || !std::isfinite(minimum)) return;
    m.scales.unit = scale;
    m.minima.unit = minimum;
}

/// Factors 0 ... high.
inline affine_multiples fit_affine(const group_view& in, const linear_steps& steps, int high) noexcept {
    affine groups[max_block_scales];
    affine largest;
    for (std::size_t g = 0; g < in.n_groups; ++g) {
        groups[g] = best_affine(in.group(g), in.n, steps);
        largest.scale = std::max(largest.scale, groups[g].scale);
        largest.minimum = std::max(largest.minimum, groups[g].minimum);
    }
    affine_multiples m{};
    m.scales.unit = half_of(largest.scale / static_cast<float>(high));
    m.minima.unit = half_of(largest.minimum / static_cast<float>(high));
    for (std::size_t g = 0; g < in.n_groups; ++g) {
        m.scales.factors[g] = whole(groups[g].scale * inverse(m.scales.unit), 0, high);
        m.minima.factors[g] = whole(groups[g].minimum * inverse(m.minima.unit), 0, high);
    }
    for (int round = 0; round < 2; ++round) {
        improve_pairs(in, steps, high, m);
        refit_units(in, steps, m);
    }
    return m;
}

/// Units, at `units` and two bytes on, and the codes of a block; what is left to store are the factors.
inline affine_multiples encode_affine(const group_view& in, int top, int high, std::uint8_t* units,
                                      std::uint8_t* codes) noexcept {
    const linear_steps steps{0.0f, static_cast<float>(top)};
    const affine_multiples m = fit_affine(in, steps, high);
    store_half(units, m.scales.unit);
    store_half(units + 2, m.minima.unit);
    for (std::size_t g = 0; g < in.n_groups; ++g) {
        const affine a = m.at(g);
        const float id = inverse(a.scale);
        for (std::size_t i = 0; i < in.n; ++i)
            codes[g * in.n + i] = steps.code(steps.nearest((in.group(g)[i] + a.minimum) * id));
    }
    return m;
}

/// What a block with these factors and the units at `units` holds.
inline void read_affine(const std::uint8_t* units, const std::uint8_t* scales, const std::uint8_t* minima,
                        std::size_t n_groups, coded_block& out) noexcept {
    const float scale = load_half(units), minimum = load_half(units + 2);
    for (std::size_t g = 0; g < n_groups; ++g) {
        out.scales[g] = scale * static_cast<float>(scales[g]);
        out.minima[g] = -(minimum * static_cast<float>(minima[g]));
    }
}

}  // namespace qslip::kernels
