#pragma once
#include <qslip/detail/metrics/position_metrics.hpp>

namespace qslip::metrics {

inline void position_accumulator::add(const position_values& v, std::uint64_t cluster) {
    count_exclusions(v);
    if (!v.finite()) return;
    ++n_positions_;
    if (v.has_margin) flips_.add(v.margin_nats, !v.top1_agrees());
    auto& row = clusters_.at(cluster);
#define QSLIP_POSITION_COLUMN(id, keeps, counts, number, min, max) \
    if (counts) keep(row, position_column::id, number);
#include <qslip/detail/metrics/position_column.inc>
#undef QSLIP_POSITION_COLUMN
}

inline void position_accumulator::count_exclusions(const position_values& v) noexcept {
    if (v.base_nonfinite) exclude(exclusion::base_nonfinite);
    if (v.cand_nonfinite) exclude(exclusion::cand_nonfinite);
    if (!v.finite()) return;
    if (v.support_mismatch()) exclude(exclusion::support_mismatch);
    if (v.target_masked) exclude(exclusion::target_masked);
    if (!v.has_margin) exclude(exclusion::no_margin);
}

inline void position_accumulator::keep(cluster_table<position_column>::row& row, position_column c,
                                       double number) {
    const auto& column = info_of(c);
    row.add(c, number);
    if (column.keeps >= column_keeps::mean) at(c).sum.add(number);
    // Rounding may take a divergence below 0; the sketch would count it as a shift the other way.
    if (column.keeps >= column_keeps::quantiles) at(c).sketch.add(std::max(number, column.range.lower));
}

inline void position_accumulator::merge(const position_accumulator& other) {
    n_positions_ += other.n_positions_;
    for (std::size_t i = 0; i < n_position_columns; ++i) {
        columns_[i].sum.merge(other.columns_[i].sum);
        columns_[i].sketch.merge(other.columns_[i].sketch);
    }
    flips_.merge(other.flips_);
    clusters_.merge(other.clusters_);
    exclusions_.merge(other.exclusions_);
}

inline std::vector<stats::cluster_sum> position_accumulator::clusters(metric m) const {
    if (m == metric::nll_shift_nats)
        return clusters_.difference(position_column::nll_cand_nats, position_column::nll_base_nats);
    const auto column = column_of(m);
    return column ? clusters_.column(*column) : std::vector<stats::cluster_sum>{};
}

namespace detail {

/// The range a metric's mean cannot leave.
constexpr stats::interval range_of(metric m) noexcept {
    constexpr double inf = std::numeric_limits<double>::infinity();
    const auto column = column_of(m);
    return column ? info_of(*column).range : stats::interval{-inf, inf};
}

inline stats::interval bounds_of(metric m, const stats::cluster_estimate& estimate, double alpha) {
    if (info_of(m).form == metric_form::rate) return stats::rate_bounds(estimate, alpha);
    return stats::within(range_of(m), estimate.bounds(alpha));
}

inline quantile_summary quantiles_of(const signed_sketch& s) {
    return {s.quantile(.5), s.quantile(.9), s.quantile(.95), s.quantile(.99), s.quantile(.999), s.max()};
}

/// What a mean of logarithms says about the numbers.
inline metric_summary exponential_of(metric m, metric_summary logarithms) {
    logarithms.which = m;
    logarithms.mean = math::exp(logarithms.mean);
    if (auto& bounds = logarithms.bounds) bounds = {math::exp(bounds->lower), math::exp(bounds->upper)};
    return logarithms;
}

}  // namespace detail

inline std::optional<metric_summary> position_accumulator::summary(metric m, double alpha) const {
    if (m == metric::ppl_ratio) {
        auto shift = summary(metric::nll_shift_nats, alpha);
        return shift ? std::optional(detail::exponential_of(m, *std::move(shift))) : std::nullopt;
    }
    const auto estimate = stats::cluster_ratio(clusters(m));
    if (!estimate) return std::nullopt;
    metric_summary out{m, estimate->n_rows, estimate->n_clusters, estimate->mean, {}, {}, {}};
    if (estimate->has_interval()) out.bounds = detail::bounds_of(m, *estimate, alpha);
    const auto column = column_of(m);
    if (!column) return out;
    const auto keeps = info_of(*column).keeps;
    const auto& state = at(*column);
    if (keeps >= column_keeps::mean) out.spread = {std::sqrt(state.sum.variance()), state.sum.rms()};
    if (keeps >= column_keeps::quantiles) out.quantiles = detail::quantiles_of(state.sketch);
    return out;
}

inline std::optional<double> position_accumulator::perplexity(position_column nll) const {
    const auto& sum = at(nll).sum;
    return sum.n() == 0 ? std::nullopt : std::optional<double>(math::exp(sum.mean()));
}

inline exclusion_counts position_accumulator::exclusions() const noexcept {
    exclusion_counts all = exclusions_;
    for (const auto& column : columns_) all[exclusion::clipped] += column.sum.n_clip();
    return all;
}

inline void position_accumulator::save(byte_writer& out) const {
    out.u64(n_positions_);
    for (const auto& column : position_columns) {
        if (column.keeps >= column_keeps::mean) at(column.which).sum.save(out);
        if (column.keeps >= column_keeps::quantiles) at(column.which).sketch.save(out);
    }
    flips_.save(out);
    exclusions_.save(out);
    clusters_.save(out);
}

inline void position_accumulator::load(byte_reader& in) {
    n_positions_ = in.u64();
    for (const auto& column : position_columns) {
        if (column.keeps >= column_keeps::mean) at(column.which).sum.load(in);
        if (column.keeps >= column_keeps::quantiles) at(column.which).sketch.load(in);
    }
    flips_.load(in);
    exclusions_.load(in);
    clusters_.load(in);
}

}  // namespace qslip::metrics
