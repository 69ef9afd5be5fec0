#pragma once
#include <qslip/detail/core/position_values.hpp>
#include <qslip/detail/metrics/cluster_table.hpp>
#include <qslip/detail/metrics/exact_sum.hpp>
#include <qslip/detail/metrics/exclusion_counts.hpp>
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/detail/metrics/sketch.hpp>
#include <qslip/detail/metrics/token_flip.hpp>
#include <qslip/detail/stats/intervals.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace qslip::metrics {

enum class position_column {
    kl_fwd,
    kl_rev,
    js,
    tv,
    agree,
    flip,
    hard_flip,
    entropy_shift,
    dp,
    nll_base,
    nll_cand,
    tail_001,
    tail_01,
    tail_1,
    count_
};

struct quantile_summary {
    double q50, q90, q95, q99, q999, max;
};

/// One metric of one slice. `bounds` are one-sided at 1 - alpha each, robust to clusters (Student's t, a
/// rate also Wilson); absent with fewer than two clusters. Those of unbounded means (kl, nll, ppl) are for
/// reports: they under-cover for heavy tails.
struct metric_summary {
    metric which = metric::kl_fwd_nats;
    std::uint64_t n = 0;  ///< positions
    std::uint64_t n_clusters = 0;
    double mean = 0;  ///< or rate, or ratio
    std::optional<stats::interval> bounds;
    std::optional<quantile_summary> quantiles;
};

/// Everything section 2 of the metrics keeps of one slice's positions: one per slice and thread; merge()
/// in any order gives the same bytes.
class position_accumulator {
public:
    static constexpr std::uint32_t state_kind = 1;

    /// `cluster` is the prompt (or document) the position belongs to. Positions that a metric cannot use
    /// are counted in exclusions().
    void add(const position_values& v, std::uint64_t cluster);
    /// A position whose rows could not be compared at all.
    void exclude(exclusion why) noexcept { ++exclusions_[why]; }
    void merge(const position_accumulator& other);

    std::uint64_t n_positions() const noexcept { return n_positions_; }
    std::uint64_t n_clusters() const noexcept { return clusters_.size(); }
    /// Flips where some token is a largest one of both rows: a tie decided them, by the lower id.
    std::uint64_t n_tied_flips() const noexcept { return n_tied_flips_; }
    /// Empty when no position has the metric: an absent metric is not 0.
    std::optional<metric_summary> summary(metric m, double alpha = 0.05) const;
    /// Perplexities on the same target tokens; empty without targets.
    std::optional<double> ppl_base() const;
    std::optional<double> ppl_cand() const;
    const token_flips& flips() const noexcept { return flips_; }
    const exact_sum& dp() const noexcept { return dp_; }  ///< dp().rms() is the root mean square
    /// Rows as cluster statistics take them; empty for ppl_ratio and for metrics of answers.
    std::vector<stats::cluster_sum> clusters(metric m) const;
    /// What was left out, clipped values included.
    exclusion_counts exclusions() const noexcept;

    bool operator==(const position_accumulator&) const = default;
    void save(byte_writer& out) const;
    void load(byte_reader& in);

private:
    void add_agreement(const position_values& v, cluster_table<position_column>::row& row);
    void add_divergences(const position_values& v, cluster_table<position_column>::row& row);

    std::uint64_t n_positions_ = 0;
    std::uint64_t n_tied_flips_ = 0;
    exact_sum kl_fwd_, kl_rev_, js_, tv_, entropy_shift_, dp_;
    exact_pair_sum nll_;
    sketch kl_fwd_sketch_, kl_rev_sketch_, js_sketch_;
    signed_sketch dp_sketch_;
    token_flips flips_;
    cluster_table<position_column> clusters_;
    exclusion_counts exclusions_;
};

}  // namespace qslip::metrics

#include <qslip/detail/metrics/position_metrics-inl.hpp>
