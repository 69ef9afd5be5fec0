#pragma once
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/stats/intervals.hpp>

namespace qslip::stats {

/// Cluster bootstrap of a ratio mean (docs/method.md 6). For information only: it never enters a
/// verdict. Replicates are sorted.
struct bootstrap_result {
    double estimate = 0;
    std::vector<double> replicates;
    double z0 = 0;            ///< bias correction
    double acceleration = 0;  ///< from the delete-one-cluster jackknife
    bool degenerate = true;   ///< all replicates equal: use the zero-variance floor (11.6) instead

    /// Smallest replicate whose distribution function reaches p, p in [0, 1].
    double quantile(double p) const {
        const double n = static_cast<double>(replicates.size());
        const double rank = std::clamp(std::ceil(p * n - 1e-9), 1.0, n);
        return replicates[static_cast<std::size_t>(rank) - 1];
    }
    interval percentile(double alpha) const { return {quantile(alpha), quantile(1 - alpha)}; }
    /// Bias-corrected and accelerated bounds, one-sided at 1 - alpha each (Efron & Tibshirani 1993).
    interval bca(double alpha) const {
        if (degenerate) return percentile(alpha);
        const auto level = [&](double p) {
            const double z = z0 + norm_quantile(p);
            return norm_cdf(z0 + z / (1 - acceleration * z));
        };
        return {quantile(level(alpha)), quantile(level(1 - alpha))};
    }
};

namespace detail {

/// Ratio mean of the drawn clusters; `draw(j)` names the j-th.
template <class Draw>
double resampled_mean(const std::vector<cluster_sum>& clusters, Draw draw) {
    double n = 0, sum = 0;
    for (std::size_t j = 0; j < clusters.size(); ++j) {
        const auto& c = clusters[draw(j)];
        n += static_cast<double>(c.n);
        sum += c.sum;
    }
    return sum / n;
}

inline std::vector<double> all_resamples(const std::vector<cluster_sum>& clusters) {
    std::size_t count = 1;
    for (std::size_t j = 0; j < clusters.size(); ++j) count *= clusters.size();
    std::vector<double> means(count);
    for (std::size_t r = 0; r < count; ++r) {
        std::size_t digits = r;
        means[r] = resampled_mean(clusters, [&](std::size_t) {
            const auto digit = digits % clusters.size();
            digits /= clusters.size();
            return digit;
        });
    }
    return means;
}

inline std::vector<double> drawn_resamples(const std::vector<cluster_sum>& clusters, std::uint64_t seed,
                                           std::size_t n_replicates) {
    const counter_rng rng(seed);
    std::vector<double> means(n_replicates);
    for (std::size_t r = 0; r < n_replicates; ++r)
        means[r] = resampled_mean(clusters, [&](std::size_t j) {
            return static_cast<std::size_t>(rng.index_at(r * clusters.size() + j, clusters.size()));
        });
    return means;
}

inline double jackknife_acceleration(const std::vector<cluster_sum>& clusters) {
    double n = 0, sum = 0, center = 0;
    for (const auto& c : clusters) {
        n += static_cast<double>(c.n);
        sum += c.sum;
    }
    std::vector<double> without;
    without.reserve(clusters.size());
    for (const auto& c : clusters) without.push_back((sum - c.sum) / (n - static_cast<double>(c.n)));
    for (const double mean : without) center += mean / static_cast<double>(without.size());
    double cubes = 0, squares = 0;
    for (const double mean : without) {
        const double gap = center - mean;
        cubes += gap * gap * gap;
        squares += gap * gap;
    }
    return squares > 0 ? cubes / (6 * squares * std::sqrt(squares)) : 0;
}

}  // namespace detail

inline constexpr std::size_t bootstrap_max_clusters = 20000;

/// Draw j of replicate r is draw r * G + j of the counter generator, so the result depends on the
/// seed and the data only. Up to 6 clusters all G^G resamples are taken. Empty clusters are ignored.
/// Errors: empty below two clusters; limit above bootstrap_max_clusters (use cluster_ratio).
inline result<bootstrap_result> cluster_bootstrap(std::span<const cluster_sum> clusters, std::uint64_t seed,
                                                  std::size_t n_replicates = 4000) {
    auto sorted = by_id(clusters);
    std::erase_if(sorted, [](const cluster_sum& c) { return c.n == 0; });
    if (sorted.size() < 2 || n_replicates == 0) return status(errc::empty, "a bootstrap needs two clusters");
    if (sorted.size() > bootstrap_max_clusters)
        return status(errc::limit, std::to_string(sorted.size()) + " clusters are too many to resample");
    bootstrap_result out;
    std::size_t next = 0;
    out.estimate = detail::resampled_mean(sorted, [&](std::size_t) { return next++; });
    out.replicates = sorted.size() <= 6 ? detail::all_resamples(sorted)
                                        : detail::drawn_resamples(sorted, seed, n_replicates);
    std::sort(out.replicates.begin(), out.replicates.end());
    out.degenerate = out.replicates.front() == out.replicates.back();
    if (out.degenerate) return out;
    const auto equal = std::equal_range(out.replicates.begin(), out.replicates.end(), out.estimate);
    const double below = static_cast<double>(equal.first - out.replicates.begin());
    const double same = static_cast<double>(equal.second - equal.first);
    out.z0 = norm_quantile((below + 0.5 * same) / static_cast<double>(out.replicates.size()));
    out.acceleration = detail::jackknife_acceleration(sorted);
    return out;
}

}  // namespace qslip::stats
