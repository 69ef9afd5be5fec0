#pragma once
#include <qslip/detail/core/cplusplus.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace qslip::stats {

namespace detail {

inline std::vector<std::size_t> ascending(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t l, std::size_t r) { return p[l] < p[r]; });
    return order;
}

}  // namespace detail

/// Holm-adjusted p-values in the order given: adjusted <= alpha keeps the chance of any false
/// claim at alpha whatever the dependence. p in [0, 1]. Source: Holm 1979.
inline std::vector<double> holm(std::span<const double> p) {
    std::vector<double> adjusted(p.size());
    double running = 0;
    std::size_t left = p.size();
    for (const auto i : detail::ascending(p)) {
        running = std::max(running, std::min(1.0, p[i] * static_cast<double>(left--)));
        adjusted[i] = running;
    }
    return adjusted;
}

/// Benjamini-Hochberg adjusted p-values (false discovery rate) in the order given. Source: 1995.
inline std::vector<double> benjamini_hochberg(std::span<const double> p) {
    std::vector<double> adjusted(p.size());
    const auto order = detail::ascending(p);
    double running = 1;
    for (std::size_t rank = order.size(); rank-- > 0;) {
        const auto i = order[rank];
        running = std::min(running, p[i] * static_cast<double>(p.size()) / static_cast<double>(rank + 1));
        adjusted[i] = running;
    }
    return adjusted;
}

}  // namespace qslip::stats
