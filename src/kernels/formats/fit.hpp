#pragma once
// Scales, minima and codes that make the squared error of a block small, for the types whose scales are
// themselves rounded. Plain float operations in a fixed order: the same bits on every machine.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/formats/nearest.hpp"

namespace qslip::kernels {

/// Whole numbers from low to high: what codes stand for, in units of the scale.
struct linear_steps {
    float low, high;
    float spacing = 1.0f;
    float nearest(float x) const noexcept {
        constexpr float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number, ties to even
        const float inside = x < low ? low : x > high ? high : x;
        return inside + magic - magic;
    }
    std::uint8_t code(float step) const noexcept { return static_cast<std::uint8_t>(step - low); }
};

/// The steps of a codebook, in ascending order.
struct codebook_steps {
    float low, high, spacing;
    std::size_t n_jumps = 0;
    float middles[15], jumps[15];  // beyond a middle the nearest step is larger by the jump
    std::uint8_t codes[256];       // by step - low

    explicit codebook_steps(const packing& p) noexcept {
        std::uint8_t sorted[16];
        std::copy_n(p.codebook, 16, sorted);
        std::sort(sorted, sorted + 16);
        low = static_cast<float>(sorted[0] - p.offset);
        high = static_cast<float>(sorted[15] - p.offset);
        spacing = (high - low) / 15.0f;
        for (std::size_t i = 1; i < 16; ++i) {
            if (sorted[i] == sorted[i - 1]) continue;
            middles[n_jumps] =
                static_cast<float>(sorted[i] + sorted[i - 1]) * 0.5f - static_cast<float>(p.offset);
            jumps[n_jumps++] = static_cast<float>(sorted[i] - sorted[i - 1]);
        }
        for (int code = 15; code >= 0; --code)
            codes[p.codebook[code] - sorted[0]] = static_cast<std::uint8_t>(code);
    }
    float nearest(float x) const noexcept {
        float step = low;
        for (std::size_t i = 0; i < n_jumps; ++i) step += x > middles[i] ? jumps[i] : 0.0f;
        return step;
    }
    std::uint8_t code(float step) const noexcept { return codes[static_cast<std::size_t>(step - low)]; }
};

/// A sum in eight lanes and a fixed tree.
struct lane_sum {
    float lanes[8] = {};
    float total() const noexcept {
        return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
               ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    }
};
/// add(i, lane) for i < n, a multiple of 8.
template <class Add>
void each_in_lanes(std::size_t n, Add add) noexcept {
    for (std::size_t i = 0; i < n; i += 8)
        for (std::size_t lane = 0; lane < 8; ++lane) add(i + lane, lane);
}

inline float half_of(float x) noexcept { return half_to_float(float_to_half(x)); }
/// x, at least `low` and at most `high`, to the nearest whole number; NaN gives low.
inline int whole(float x, int low, int high) noexcept {
    if (!(x > static_cast<float>(low))) return low;
    return x < static_cast<float>(high) ? static_cast<int>(std::lround(x)) : high;
}

/// Squared error of x against scale * nearest step.
template <class Steps>
float error_of(const float* x, std::size_t n, float scale, const Steps& steps) noexcept {
    const float id = inverse(scale);
    lane_sum error;
    each_in_lanes(n, [&](std::size_t i, std::size_t lane) {
        const float e = x[i] - scale * steps.nearest(x[i] * id);
        error.lanes[lane] += e * e;
    });
    return error.total();
}

/// Sums over x and the steps q nearest to x * id: scale xq / qq leaves the least error, by xq^2 / qq less.
struct projection {
    float xq, qq;
};
template <class Steps>
projection project(const float* x, std::size_t n, float id, const Steps& steps) noexcept {
    lane_sum xq, qq;
    each_in_lanes(n, [&](std::size_t i, std::size_t lane) {
        const float q = steps.nearest(x[i] * id);
        xq.lanes[lane] += x[i] * q;
        qq.lanes[lane] += q * q;
    });
    return {xq.total(), qq.total()};
}

/// The scale of n numbers: tries the largest number a little within and beyond either end of the steps, and
/// fits the scale to the steps that gives.
template <class Steps>
float best_scale(const float* x, std::size_t n, const Steps& steps) noexcept {
    constexpr int n_tries = 5;
    const float extreme = extreme_of(x, n), id = inverse(extreme);
    float scale = extreme / steps.low, gain = 0;
    for (const float end : {steps.low, steps.high})
        for (int i = -n_tries; i <= n_tries; ++i) {
            const float reach = static_cast<float>(i) * 0.2f * steps.spacing;
            const projection p = project(x, n, (end + reach) * id, steps);
            if (!(p.xq * p.xq > gain * p.qq)) continue;
            scale = p.xq / p.qq;
            gain = p.xq * scale;
        }
    return scale;
}

/// Scales of groups as whole multiples of one binary16 number.
struct multiples {
    float unit;
    int factors[max_block_scales];
    float scale(std::size_t group) const noexcept { return unit * static_cast<float>(factors[group]); }
};

/// A block of n_groups groups of n numbers.
struct group_view {
    const float* x;
    std::size_t n_groups, n;
    const float* group(std::size_t g) const noexcept { return x + g * n; }
};

/// Of the factors beside the present one, that with the least error.
template <class Steps>
void improve_factors(const group_view& in, const Steps& steps, int low, int high, multiples& m) noexcept {
    for (std::size_t g = 0; g < in.n_groups; ++g) {
        const int middle = m.factors[g];
        float least = error_of(in.group(g), in.n, m.scale(g), steps);
        for (int factor = std::max(low, middle - 1); factor <= std::min(high, middle + 1); ++factor) {
            const float error = error_of(in.group(g), in.n, m.unit * static_cast<float>(factor), steps);
            if (!(error < least)) continue;
            least = error;
            m.factors[g] = factor;
        }
    }
}

/// The unit that suits factors and steps best.
template <class Steps>
float refit_unit(const group_view& in, const Steps& steps, const multiples& m) noexcept {
    float xq = 0, qq = 0;
    for (std::size_t g = 0; g < in.n_groups; ++g) {
        const auto factor = static_cast<float>(m.factors[g]);
        const projection p = project(in.group(g), in.n, inverse(m.scale(g)), steps);
        xq += factor * p.xq;
        qq += factor * factor * p.qq;
    }
    const float unit = half_of(xq / qq);
    return std::isfinite(unit) && unit != 0 ? unit : m.unit;
}

/// Scales of groups, factors low ... high.
template <class Steps>
multiples fit_scales(const group_view& in, const Steps& steps, int low, int high) noexcept {
    float scales[max_block_scales] = {};
    for (std::size_t g = 0; g < in.n_groups; ++g) scales[g] = best_scale(in.group(g), in.n, steps);
    multiples m{};
    m.unit = half_of(extreme_of(scales, in.n_groups) / static_cast<float>(low));
    for (std::size_t g = 0; g < in.n_groups; ++g)
        m.factors[g] = whole(scales[g] * inverse(m.unit), low, high);
    for (int round = 0; round < 2; ++round) {
        improve_factors(in, steps, low, high, m);
        m.unit = refit_unit(in, steps, m);
    }
    return m;
}

template <class Steps>
void put_codes(const float* x, std::size_t n, float scale, const Steps& steps, std::uint8_t* codes) noexcept {
    const float id = inverse(scale);
    for (std::size_t i = 0; i < n; ++i) codes[i] = steps.code(steps.nearest(x[i] * id));
}

/// Scales, and codes with the scales as stored.
template <class Steps>
multiples encode_scales(const group_view& in, const Steps& steps, int low, int high,
                        std::uint8_t* codes) noexcept {
    const multiples m = fit_scales(in, steps, low, high);
    for (std::size_t g = 0; g < in.n_groups; ++g)
        put_codes(in.group(g), in.n, m.scale(g), steps, codes + g * in.n);
    return m;
}

}  // namespace qslip::kernels
