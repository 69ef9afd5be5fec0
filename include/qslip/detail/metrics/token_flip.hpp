#pragma once
#include <qslip/detail/core/position_values.hpp>
#include <qslip/detail/metrics/hist.hpp>
#include <qslip/detail/stats/intervals.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace qslip::metrics {

/// Margin bins in nats: exactly 0, (0,.05), [.05,.1), [.1,.25), [.25,.5), [.5,1), [1,2), [2,4), [4,inf).
inline constexpr std::array<double, 8> margin_edges_nats = {5e-324, .05, .1, .25, .5, 1, 2, 4};
inline constexpr double hard_flip_margin_nats = 2;

struct flip_bin {
    double lo_nats, hi_nats;  ///< hi is +inf in the last bin; both 0 in the first
    std::uint64_t n, flips;
    double rate;             ///< absent data: 0 with n = 0
    stats::interval bounds;  ///< Wilson, one-sided at 1 - alpha each; [0, 1] with n = 0
    double share_of_flips;
};

/// The scale of a Gaussian disturbance of the margin that would cause the flips seen.
struct noise_fit {
    double sigma_nats;         ///< 0: no flips below a margin of 4
    double excess_2_to_4;      ///< flips in [2, 4) beyond the fit
    double excess_4_and_more;  ///< flips in [4, inf) beyond the fit's upper bound n Phi(-4 / sigma)
};

/// Flips of the first-ranked token by how close the base's choice was. Close calls flip under any noise;
/// flips at a margin of 2 nats and more ("hard") mean the logits moved by more than rounding.
class token_flips {
public:
    static constexpr std::size_t n_bins = margin_edges_nats.size() + 1;

    /// Positions without a margin (a vocabulary of one) are left to the caller's exclusions.
    void add(double margin_nats, bool flipped) noexcept {
        n_.add(margin_nats);
        if (flipped) flips_.add(margin_nats);
    }
    void merge(const token_flips& other) noexcept {
        n_.merge(other.n_);
        flips_.merge(other.flips_);
    }

    std::uint64_t n() const noexcept { return total(n_); }
    std::uint64_t flips() const noexcept { return total(flips_); }

    std::array<flip_bin, n_bins> bins(double alpha = 0.05) const {
        std::array<flip_bin, n_bins> out{};
        const double z = stats::z_upper(alpha), all = static_cast<double>(flips());
        for (std::size_t i = 0; i < n_bins; ++i) {
            const double n = static_cast<double>(n_[i]), k = static_cast<double>(flips_[i]);
            out[i] = {i < 2 ? 0 : margin_edges_nats[i - 1],
                      i == 0           ? 0
                      : i < n_bins - 1 ? margin_edges_nats[i]
                                       : std::numeric_limits<double>::infinity(),
                      n_[i],
                      flips_[i],
                      n > 0 ? k / n : 0,
                      n > 0 ? stats::wilson(k, n, z) : stats::interval{0, 1},
                      all > 0 ? k / all : 0};
        }
        return out;
    }

    /// Maximum likelihood of sigma in P(flip | margin) = Phi(-margin / sigma), each bin with its average
    /// probability; the bins {0} and [4, inf) stay out. Empty when no position has a margin in (0, 4).
    std::optional<noise_fit> fit_noise() const {
        std::uint64_t n = 0, flips = 0;
        for (std::size_t i = 1; i + 1 < n_bins; ++i) {
            n += n_[i];
            flips += flips_[i];
        }
        if (n == 0) return std::nullopt;
        const double sigma = flips == 0 ? 0 : best_sigma();
        const auto fitted = [&](std::size_t i) {
            return sigma == 0 ? 0 : static_cast<double>(n_[i]) * bin_probability(i, sigma);
        };
        const double beyond =
            sigma == 0 ? 0 : stats::norm_cdf(-4 / sigma) * static_cast<double>(n_[n_bins - 1]);
        return noise_fit{sigma, static_cast<double>(flips_[n_bins - 2]) - fitted(n_bins - 2),
                         static_cast<double>(flips_[n_bins - 1]) - beyond};
    }
    bool operator==(const token_flips&) const noexcept = default;

    void save(byte_writer& out) const {
        n_.save(out);
        flips_.save(out);
    }
    void load(byte_reader& in) {
        n_.load(in);
        flips_.load(in);
        for (std::size_t i = 0; i < n_bins; ++i) in.require(flips_[i] <= n_[i]);
    }

private:
    using bins_type = hist<margin_edges_nats.size()>;
    static std::uint64_t total(const bins_type& h) noexcept {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < n_bins; ++i) sum += h[i];
        return sum;
    }
    /// Average of Phi(-m / sigma) over the bin: sigma (g(hi/sigma) - g(lo/sigma)) / (hi - lo).
    static double bin_probability(std::size_t i, double sigma) {
        const auto g = [](double x) {
            return x * stats::norm_cdf(-x) - stats::exp(-x * x / 2) * 0.39894228040143267794;
        };
        const double lo = i < 2 ? 0 : margin_edges_nats[i - 1], hi = margin_edges_nats[i];
        return sigma * (g(hi / sigma) - g(lo / sigma)) / (hi - lo);
    }
    double log_likelihood(double log_sigma) const {
        const double sigma = stats::exp(log_sigma);
        double sum = 0;
        for (std::size_t i = 1; i + 1 < n_bins; ++i) {
            const double p = std::min(std::max(bin_probability(i, sigma), 1e-300), 1 - 1e-16);
            sum += static_cast<double>(flips_[i]) * stats::log(p) +
                   static_cast<double>(n_[i] - flips_[i]) * stats::log1p(-p);
        }
        return sum;
    }
    /// A grid over sigma in [e^-8, e^8], then golden section around its best point.
    double best_sigma() const {
        double best = -8;
        for (double t = -8; t <= 8; t += 0.125)
            if (log_likelihood(t) > log_likelihood(best)) best = t;
        double lo = best - 0.125, hi = best + 0.125;
        constexpr double ratio = 0.61803398874989484820;
        for (int step = 0; step < 60; ++step) {
            const double left = hi - ratio * (hi - lo), right = lo + ratio * (hi - lo);
            (log_likelihood(left) < log_likelihood(right) ? lo : hi) =
                log_likelihood(left) < log_likelihood(right) ? left : right;
        }
        return stats::exp((lo + hi) / 2);
    }

    bins_type n_{margin_edges_nats};
    bins_type flips_{margin_edges_nats};
};

}  // namespace qslip::metrics
