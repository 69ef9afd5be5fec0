#pragma once
#include <qslip/detail/core/bytes.hpp>
#include <qslip/detail/metrics/serialize.hpp>
#include <qslip/detail/stats/intervals.hpp>
#include <qslip/detail/stats/paired.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace qslip::metrics {

/// Counts of answers by (base right, candidate right).
struct outcome_counts {
    std::uint64_t n11 = 0;
    std::uint64_t n10 = 0;  ///< base right, candidate wrong: regressions, "b"
    std::uint64_t n01 = 0;  ///< base wrong, candidate right: recoveries, "c"
    std::uint64_t n00 = 0;

    std::uint64_t n() const noexcept { return n11 + n10 + n01 + n00; }
    /// (b - c) / n: positive when the candidate is worse. 0 when n() is 0.
    double damage() const noexcept {
        return n() == 0 ? 0
                        : (static_cast<double>(n10) - static_cast<double>(n01)) / static_cast<double>(n());
    }
    /// b / (b + c); 0 when nothing flipped.
    double degradation_share() const noexcept {
        return n10 + n01 == 0 ? 0 : static_cast<double>(n10) / static_cast<double>(n10 + n01);
    }
    void add(bool base_ok, bool cand_ok) noexcept {
        ++(base_ok ? (cand_ok ? n11 : n10) : (cand_ok ? n01 : n00));
    }
    void merge(const outcome_counts& o) noexcept {
        n11 += o.n11;
        n10 += o.n10;
        n01 += o.n01;
        n00 += o.n00;
    }
    bool operator==(const outcome_counts&) const noexcept = default;
};

/// Paired yes/no outcomes, in all and per cluster (prompt). Better: fewer n10.
/// A timeout, crash or empty answer counts as wrong before it comes here.
class paired_outcome {
public:
    static constexpr state_kind kind{2, 1, "paired outcome"};

    void add(std::uint64_t cluster, bool base_ok, bool cand_ok) {
        total_.add(base_ok, cand_ok);
        clusters_[cluster].add(base_ok, cand_ok);
    }
    void merge(const paired_outcome& other) {
        total_.merge(other.total_);
        for (const auto& [id, counts] : other.clusters_) clusters_[id].merge(counts);
    }
    const outcome_counts& total() const noexcept { return total_; }
    /// By ascending cluster id.
    const std::map<std::uint64_t, outcome_counts>& clusters() const noexcept { return clusters_; }
    /// As the verdict statistics take them.
    std::vector<stats::paired_cluster> paired_clusters() const {
        std::vector<stats::paired_cluster> out;
        out.reserve(clusters_.size());
        for (const auto& [id, k] : clusters_) out.push_back({id, k.n(), k.n10, k.n01});
        return out;
    }
    bool operator==(const paired_outcome&) const = default;

    void save(byte_writer& out) const {
        out.u64(clusters_.size());
        for (const auto& [id, k] : clusters_)
            for (const auto v : {id, k.n11, k.n10, k.n01, k.n00}) out.u64(v);
    }
    void load(byte_reader& in) {
        *this = {};
        const std::size_t n = in.count(40);
        for (std::size_t i = 0; in.ok() && i < n; ++i) {
            const std::uint64_t id = in.u64();
            in.require(clusters_.empty() || clusters_.rbegin()->first < id);
            outcome_counts k;
            for (auto* field : {&k.n11, &k.n10, &k.n01, &k.n00}) {
                *field = in.u64();
                in.require(*field < std::uint64_t{1} << 40);
            }
            clusters_[id] = k;
            total_.merge(k);
        }
    }

private:
    outcome_counts total_;
    std::map<std::uint64_t, outcome_counts> clusters_;
};

enum class side { base, cand };

/// A rate in [0, 1] of one arm alone; bounds are one-sided at 1 - alpha each, robust to clusters.
struct side_rate {
    double rate = 0;
    stats::interval bounds{0, 1};
};

/// Share of right answers of one arm; empty without rows.
inline std::optional<side_rate> rate_of(const paired_outcome& outcomes, side which, double alpha = 0.05) {
    std::vector<stats::cluster_sum> sums;
    sums.reserve(outcomes.clusters().size());
    for (const auto& [id, k] : outcomes.clusters())
        sums.push_back({id, k.n(), static_cast<double>(k.n11 + (which == side::base ? k.n10 : k.n01))});
    const auto rate = stats::cluster_ratio(sums);
    if (!rate) return std::nullopt;
    return side_rate{rate->mean, stats::rate_bounds(*rate, alpha)};
}

}  // namespace qslip::metrics
