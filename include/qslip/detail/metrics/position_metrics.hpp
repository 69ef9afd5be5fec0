#pragma once
#include <qslip/detail/core/position_values.hpp>
#include <qslip/detail/metrics/cluster_table.hpp>
#include <qslip/detail/metrics/exact_sum.hpp>
#include <qslip/detail/metrics/exclusion_counts.hpp>
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/detail/metrics/position_column.hpp>
#include <qslip/detail/metrics/serialize.hpp>
#include <qslip/detail/metrics/sketch.hpp>
#include <qslip/detail/metrics/token_flip.hpp>
#include <qslip/detail/stats/intervals.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace qslip::metrics {

struct quantile_summary {
    double q50, q90, q95, q99, q999, max;
};

/// Over positions, in the metric's unit.
struct spread_summary {
    double standard_deviation, root_mean_square;
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
    std::optional<spread_summary> spread;
    std::optional<quantile_summary> quantiles;
};

/// What is kept of one slice's positions, by position_column.inc: one per slice and thread; merge() in any
/// order gives the same bytes.
class position_accumulator {
public:
    static constexpr state_kind kind{1, 2, "position metrics"};

    /// `cluster` is the prompt (or document) the position belongs to. Positions that a metric cannot use
    /// are counted in exclusions().
    void add(const position_values& v, std::uint64_t cluster);
    /// A position whose rows could not be compared at all.
    void exclude(exclusion why) noexcept { ++exclusions_[why]; }
    void merge(const position_accumulator& other);

    std::uint64_t n_positions() const noexcept { return n_positions_; }
    std::uint64_t n_clusters() const noexcept { return clusters_.size(); }
    /// Empty when no position has the metric: an absent metric is not 0.
    std::optional<metric_summary> summary(metric m, double alpha = 0.05) const;
    /// Perplexities on the same target tokens; empty without targets.
    std::optional<double> ppl_base() const { return perplexity(position_column::nll_base_nats); }
    std::optional<double> ppl_cand() const { return perplexity(position_column::nll_cand_nats); }
    const token_flips& flips() const noexcept { return flips_; }
    /// Rows as cluster statistics take them; empty for ppl_ratio and for metrics of answers.
    std::vector<stats::cluster_sum> clusters(metric m) const;
    /// What was left out, clipped values included.
    exclusion_counts exclusions() const noexcept;

    bool operator==(const position_accumulator&) const = default;
    void save(byte_writer& out) const;
    void load(byte_reader& in);

private:
    /// Of one column over all clusters. A column of rates uses neither member, one of means the sum alone.
    struct column_state {
        exact_sum sum;
        signed_sketch sketch;
        bool operator==(const column_state&) const = default;
    };

    void count_exclusions(const position_values& v) noexcept;
    void keep(cluster_table<position_column>::row& row, position_column c, double number);
    column_state& at(position_column c) { return columns_[static_cast<std::size_t>(c)]; }
    const column_state& at(position_column c) const { return columns_[static_cast<std::size_t>(c)]; }
    std::optional<double> perplexity(position_column nll) const;

    std::uint64_t n_positions_ = 0;
    std::array<column_state, n_position_columns> columns_;
    token_flips flips_;
    cluster_table<position_column> clusters_;
    exclusion_counts exclusions_;
};

}  // namespace qslip::metrics

#include <qslip/detail/metrics/position_metrics-inl.hpp>
