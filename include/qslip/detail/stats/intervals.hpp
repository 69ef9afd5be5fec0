#pragma once
#include <qslip/detail/stats/quantiles.hpp>
#include <qslip/errors.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace qslip::stats {

struct interval {
    double lower;
    double upper;
};

/// `bounds` cut to what `range` allows.
constexpr interval within(interval range, interval bounds) noexcept {
    return {bounds.lower < range.lower ? range.lower : bounds.lower,
            bounds.upper > range.upper ? range.upper : bounds.upper};
}

/// One-sided bounds at level 1 - alpha each take z = norm_quantile(1 - alpha); a two-sided
/// interval takes norm_quantile(1 - alpha / 2). The same rule holds for every interval below.
inline double z_upper(double alpha) { return -norm_quantile(alpha); }

/// Wilson score interval of the rate k/n; n > 0, 0 <= k <= n, in [0, 1].
/// Source: Wilson 1927.
inline interval wilson(double k, double n, double z) {
    const double rate = k / n, z2 = z * z;
    const double center = rate + z2 / (2 * n);
    const double half = z * std::sqrt(rate * (1 - rate) / n + z2 / (4 * n * n));
    const double scale = 1 + z2 / n;
    return {k <= 0 ? 0.0 : std::max(0.0, (center - half) / scale),
            k >= n ? 1.0 : std::min(1.0, (center + half) / scale)};
}

/// Clopper-Pearson bounds of the rate k/n, each one-sided at level 1 - alpha; n > 0, 0 <= k <= n.
/// Source: Clopper & Pearson 1934.
inline interval clopper_pearson(double k, double n, double alpha) {
    return {k <= 0 ? 0.0 : beta_quantile(alpha, k, n - k + 1),
            k >= n ? 1.0 : beta_quantile(1 - alpha, k + 1, n - k)};
}

/// One cluster of rows (a prompt, a document): the only input of cluster-robust errors.
struct cluster_sum {
    std::uint64_t id = 0;
    std::uint64_t n = 0;  ///< rows
    double sum = 0;       ///< of the measured value over the rows
};

/// Clusters in the order of their ids, so that floating sums do not depend on how they arrived.
template <class Cluster>
std::vector<Cluster> by_id(std::span<const Cluster> clusters) {
    std::vector<Cluster> sorted(clusters.begin(), clusters.end());
    const auto less = [](const Cluster& l, const Cluster& r) { return l.id < r.id; };
    if (!std::is_sorted(sorted.begin(), sorted.end(), less)) std::sort(sorted.begin(), sorted.end(), less);
    return sorted;
}

/// Ratio mean of clustered rows with its cluster-robust standard error (docs/method.md 6).
struct cluster_estimate {
    std::uint64_t n_rows = 0;
    std::uint64_t n_clusters = 0;
    double mean = 0;
    double se = 0;           ///< 0 when there are fewer than two clusters
    double mean_size = 0;    ///< sum n_g^2 / sum n_g: rows met in the cluster of a random row
    double g_eff = 0;        ///< n^2 / sum n_g^2
    bool singletons = true;  ///< every cluster has one row

    bool has_interval() const { return n_clusters >= 2; }
    double df() const { return static_cast<double>(n_clusters) - 1; }
    /// Bounds at level 1 - alpha each, Student's t with G - 1 df. Needs has_interval().
    interval bounds(double alpha) const {
        const double half = t_quantile(1 - alpha, df()) * se;
        return {mean - half, mean + half};
    }
};

/// Empty clusters are ignored. Allocates: one copy of the clusters.
/// Errors: empty when no cluster has a row.
inline result<cluster_estimate> cluster_ratio(std::span<const cluster_sum> clusters) {
    const auto sorted = by_id(clusters);
    cluster_estimate out;
    double total = 0, squares = 0;
    for (const auto& c : sorted) {
        if (c.n == 0) continue;
        out.n_rows += c.n;
        ++out.n_clusters;
        total += c.sum;
        squares += static_cast<double>(c.n) * static_cast<double>(c.n);
        out.singletons = out.singletons && c.n == 1;
    }
    if (out.n_rows == 0) return status(errc::empty, "no rows to average");
    const double n = static_cast<double>(out.n_rows);
    out.mean = total / n;
    out.mean_size = squares / n;
    out.g_eff = n * n / squares;
    if (!out.has_interval()) return out;
    double residuals = 0;
    for (const auto& c : sorted) {
        const double e = c.sum - out.mean * static_cast<double>(c.n);
        residuals += e * e;
    }
    const double g = static_cast<double>(out.n_clusters);
    out.se = std::sqrt(g / (g - 1) * residuals) / n;
    return out;
}

/// Standard error of the mean when rows are taken as independent; n > 1.
inline double se_iid(double n, double sum, double sum_squares) {
    return std::sqrt(std::max(0.0, sum_squares - sum * sum / n) / (n * (n - 1)));
}

/// Upper bound of the mean of a quantity whose range is `width` wide when every one of
/// `n_clusters` differences is zero (docs/method.md 6).
inline double zero_variance_upper(double width, double n_clusters, double z) {
    return width * z * z / (n_clusters + z * z);
}

/// Bounds of a rate over clustered rows: Wilson when every cluster is one row, Wilson on the
/// number of clusters when the rows show no variance, else cluster-robust, clamped to [0, 1].
inline interval rate_bounds(const cluster_estimate& rate, double alpha) {
    const double n = static_cast<double>(rate.singletons ? rate.n_rows : rate.n_clusters);
    if (rate.singletons || rate.se == 0) return wilson(rate.mean * n, n, z_upper(alpha));
    const auto raw = rate.bounds(alpha);
    return {std::max(0.0, raw.lower), std::min(1.0, raw.upper)};
}

}  // namespace qslip::stats
