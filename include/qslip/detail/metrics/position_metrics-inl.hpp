#pragma once
#include <qslip/detail/metrics/position_metrics.hpp>

namespace qslip::metrics {

inline void position_accumulator::add(const position_values& v, std::uint64_t cluster) {
    if (v.base_nonfinite) exclude(exclusion::base_nonfinite);
    if (v.cand_nonfinite) exclude(exclusion::cand_nonfinite);
    if (!v.finite()) return;
    ++n_positions_;
    auto& row = clusters_.at(cluster);
    add_divergences(v, row);
    add_agreement(v, row);
    if (v.target_masked) exclude(exclusion::target_masked);
    if (!v.has_target) return;
    dp_.add(v.dp);
    dp_sketch_.add(v.dp);
    nll_.add(v.nll_base_nats, v.nll_cand_nats);
    row.add(position_column::dp, v.dp);
    row.add(position_column::nll_base, v.nll_base_nats);
    row.add(position_column::nll_cand, v.nll_cand_nats);
}

inline void position_accumulator::add_divergences(const position_values& v,
                                                  cluster_table<position_column>::row& row) {
    const double shift = v.entropy_cand_nats - v.entropy_base_nats;
    js_.add(v.js_nats);
    js_sketch_.add(v.js_nats);
    tv_.add(v.tv);
    entropy_shift_.add(shift);
    row.add(position_column::js, v.js_nats);
    row.add(position_column::tv, v.tv);
    row.add(position_column::entropy_shift, shift);
    // An infinite value has no place in a sum, but is above every threshold.
    row.add(position_column::tail_001, v.kl_fwd_nats > 0.01 ? 1 : 0);
    row.add(position_column::tail_01, v.kl_fwd_nats > 0.1 ? 1 : 0);
    row.add(position_column::tail_1, v.kl_fwd_nats > 1 ? 1 : 0);
    if (v.support_mismatch()) exclude(exclusion::support_mismatch);
    if (!v.kl_fwd_infinite) {
        kl_fwd_.add(v.kl_fwd_nats);
        kl_fwd_sketch_.add(v.kl_fwd_nats);
        row.add(position_column::kl_fwd, v.kl_fwd_nats);
    }
    if (!v.kl_rev_infinite) {
        kl_rev_.add(v.kl_rev_nats);
        kl_rev_sketch_.add(v.kl_rev_nats);
        row.add(position_column::kl_rev, v.kl_rev_nats);
    }
}

inline void position_accumulator::add_agreement(const position_values& v,
                                                cluster_table<position_column>::row& row) {
    const bool flipped = !v.top1_agrees();
    if (flipped && v.top1_tie) ++n_tied_flips_;
    row.add(position_column::agree, flipped ? 0 : 1);
    row.add(position_column::flip, flipped ? 1 : 0);
    if (!v.has_margin) return exclude(exclusion::no_margin);
    flips_.add(v.margin_nats, flipped);
    row.add(position_column::hard_flip, flipped && v.margin_nats >= hard_flip_margin_nats ? 1 : 0);
}

inline void position_accumulator::merge(const position_accumulator& other) {
    n_positions_ += other.n_positions_;
    n_tied_flips_ += other.n_tied_flips_;
    kl_fwd_.merge(other.kl_fwd_);
    kl_rev_.merge(other.kl_rev_);
    js_.merge(other.js_);
    tv_.merge(other.tv_);
    entropy_shift_.merge(other.entropy_shift_);
    dp_.merge(other.dp_);
    nll_.merge(other.nll_);
    kl_fwd_sketch_.merge(other.kl_fwd_sketch_);
    kl_rev_sketch_.merge(other.kl_rev_sketch_);
    js_sketch_.merge(other.js_sketch_);
    dp_sketch_.merge(other.dp_sketch_);
    flips_.merge(other.flips_);
    clusters_.merge(other.clusters_);
    exclusions_.merge(other.exclusions_);
}

namespace detail {

/// The column of a metric that is a mean or a rate of one.
inline std::optional<position_column> column_of(metric m) {
    switch (m) {
        case metric::kl_fwd_nats: return position_column::kl_fwd;
        case metric::kl_rev_nats: return position_column::kl_rev;
        case metric::js_nats: return position_column::js;
        case metric::tv: return position_column::tv;
        case metric::top1_agreement: return position_column::agree;
        case metric::token_flip: return position_column::flip;
        case metric::hard_flip: return position_column::hard_flip;
        case metric::entropy_shift_nats: return position_column::entropy_shift;
        case metric::dp: return position_column::dp;
        case metric::tail_kl_001: return position_column::tail_001;
        case metric::tail_kl_01: return position_column::tail_01;
        case metric::tail_kl_1: return position_column::tail_1;
        default: return std::nullopt;
    }
}

/// The range a metric's mean cannot leave.
inline stats::interval range_of(metric m) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    switch (m) {
        case metric::kl_fwd_nats:
        case metric::kl_rev_nats: return {0, inf};
        case metric::js_nats: return {0, math::ln2};
        case metric::tv: return {0, 1};
        case metric::dp: return {-1, 1};
        default: return {-inf, inf};
    }
}

template <class Sketch>
quantile_summary quantiles_of(const Sketch& s) {
    return {s.quantile(.5), s.quantile(.9), s.quantile(.95), s.quantile(.99), s.quantile(.999), s.max()};
}

}  // namespace detail

inline std::vector<stats::cluster_sum> position_accumulator::clusters(metric m) const {
    if (m == metric::nll_shift_nats)
        return clusters_.difference(position_column::nll_cand, position_column::nll_base);
    const auto column = detail::column_of(m);
    return column ? clusters_.column(*column) : std::vector<stats::cluster_sum>{};
}

inline std::optional<metric_summary> position_accumulator::summary(metric m, double alpha) const {
    if (m == metric::ppl_ratio) {
        auto shift = summary(metric::nll_shift_nats, alpha);
        if (!shift) return std::nullopt;
        shift->which = m;
        shift->mean = math::exp(shift->mean);
        if (shift->bounds) shift->bounds = {math::exp(shift->bounds->lower), math::exp(shift->bounds->upper)};
        return shift;
    }
    const auto estimate = stats::cluster_ratio(clusters(m));
    if (!estimate) return std::nullopt;
    metric_summary out{m, estimate->n_rows, estimate->n_clusters, estimate->mean, {}, {}};
    if (estimate->has_interval()) {
        const auto range = detail::range_of(m);
        const auto raw = info_of(m).form == metric_form::rate ? stats::rate_bounds(*estimate, alpha)
                                                              : estimate->bounds(alpha);
        out.bounds = {std::max(range.lower, raw.lower), std::min(range.upper, raw.upper)};
    }
    if (m == metric::kl_fwd_nats) out.quantiles = detail::quantiles_of(kl_fwd_sketch_);
    if (m == metric::kl_rev_nats) out.quantiles = detail::quantiles_of(kl_rev_sketch_);
    if (m == metric::js_nats) out.quantiles = detail::quantiles_of(js_sketch_);
    if (m == metric::dp) out.quantiles = detail::quantiles_of(dp_sketch_);
    return out;
}

inline std::optional<double> position_accumulator::ppl_base() const {
    return nll_.x().n() == 0 ? std::nullopt : std::optional<double>(math::exp(nll_.x().mean()));
}
inline std::optional<double> position_accumulator::ppl_cand() const {
    return nll_.y().n() == 0 ? std::nullopt : std::optional<double>(math::exp(nll_.y().mean()));
}

inline exclusion_counts position_accumulator::exclusions() const noexcept {
    exclusion_counts all = exclusions_;
    for (const exact_sum* f : {&kl_fwd_, &kl_rev_, &js_, &tv_, &entropy_shift_, &dp_, &nll_.x(), &nll_.y()})
        all[exclusion::clipped] += f->n_clip();
    return all;
}

inline void position_accumulator::save(byte_writer& out) const {
    out.u64(n_positions_);
    out.u64(n_tied_flips_);
    for (const exact_sum* f : {&kl_fwd_, &kl_rev_, &js_, &tv_, &entropy_shift_, &dp_}) f->save(out);
    nll_.save(out);
    for (const sketch* s : {&kl_fwd_sketch_, &kl_rev_sketch_, &js_sketch_}) s->save(out);
    dp_sketch_.save(out);
    flips_.save(out);
    exclusions_.save(out);
    clusters_.save(out);
}

inline void position_accumulator::load(byte_reader& in) {
    n_positions_ = in.u64();
    n_tied_flips_ = in.u64();
    for (exact_sum* f : {&kl_fwd_, &kl_rev_, &js_, &tv_, &entropy_shift_, &dp_}) f->load(in);
    nll_.load(in);
    for (sketch* s : {&kl_fwd_sketch_, &kl_rev_sketch_, &js_sketch_}) s->load(in);
    dp_sketch_.load(in);
    flips_.load(in);
    exclusions_.load(in);
    clusters_.load(in);
}

}  // namespace qslip::metrics
