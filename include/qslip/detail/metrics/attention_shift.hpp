#pragma once
#include <qslip/detail/core/bytes.hpp>
#include <qslip/detail/metrics/exact_sum.hpp>
#include <qslip/detail/metrics/serialize.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qslip::metrics {

/// What is told of a head's attention in base and candidate over the same tokens.
enum class attention_quantity {
    kl_nats,  ///< KL(alpha_base || alpha_cand)
    entropy_base_nats,
    entropy_cand_nats,
    sink_mass_base,  ///< weight on keys 0 ... 3
    sink_mass_cand,
    count_
};

/// Means over query positions, head by head. Better: a KL near 0. Merging in any order gives the same bits.
class attention_shift {
public:
    static constexpr state_kind kind{8, 1, "attention shift"};
    static constexpr std::size_t n_quantities = static_cast<std::size_t>(attention_quantity::count_);
    /// An item's sums over its positions, by attention_quantity.
    using head_sums = std::array<double, n_quantities>;

    /// heads [n_layers, n_heads]: the same shape each time.
    void add(std::size_t n_heads, std::span<const head_sums> heads, std::uint64_t n_positions) {
        take_shape(n_heads, heads.size());
        for (std::size_t h = 0; h < heads.size(); ++h)
            for (std::size_t i = 0; i < n_quantities; ++i) sums_[h][i].add(heads[h][i]);
        n_positions_ += n_positions;
    }
    void merge(const attention_shift& other) {
        take_shape(other.n_heads_, other.sums_.size());
        for (std::size_t h = 0; h < other.sums_.size(); ++h)
            for (std::size_t i = 0; i < n_quantities; ++i) sums_[h][i].merge(other.sums_[h][i]);
        n_positions_ += other.n_positions_;
    }

    std::size_t n_layers() const noexcept { return n_heads_ == 0 ? 0 : sums_.size() / n_heads_; }
    std::size_t n_heads() const noexcept { return n_heads_; }  ///< of a layer
    std::uint64_t n_positions() const noexcept { return n_positions_; }
    /// Sums of items that were not finite or beyond 2^20: the means are then not to be trusted.
    std::uint64_t n_clipped() const noexcept {
        std::uint64_t n = 0;
        for (const auto& head : sums_)
            for (const exact_sum& sum : head) n += sum.n_clip();
        return n;
    }
    /// Ask n_positions() first: not 0.
    double mean(std::size_t layer, std::size_t head, attention_quantity what) const noexcept {
        const exact_sum& sum = sums_[layer * n_heads_ + head][static_cast<std::size_t>(what)];
        return sum.sum() / static_cast<double>(n_positions_);
    }
    /// Over all heads.
    double mean(attention_quantity what) const noexcept {
        exact_sum sum(fx_counts);
        for (const auto& head : sums_) sum.merge(head[static_cast<std::size_t>(what)]);
        return sum.sum() / static_cast<double>(n_positions_) / static_cast<double>(sums_.size());
    }

    void save(byte_writer& out) const {
        out.u64(n_positions_);
        out.u64(n_heads_);
        out.u64(sums_.size());
        for (const auto& head : sums_)
            for (const exact_sum& sum : head) sum.save(out);
    }
    void load(byte_reader& in) {
        constexpr std::size_t head_bytes = 64 * n_quantities;
        n_positions_ = in.u64();
        const std::uint64_t n_heads = in.u64();
        const std::size_t n_in_all = in.count(head_bytes);
        in.require(n_in_all == 0 ? n_heads == 0 : n_heads != 0 && n_in_all % n_heads == 0);
        if (!in.ok()) return;
        take_shape(n_heads, n_in_all);
        for (auto& head : sums_)
            for (exact_sum& sum : head) sum.load(in);
    }

private:
    void take_shape(std::size_t n_heads, std::size_t n_in_all) {
        if (n_in_all == 0) return;
        n_heads_ = n_heads;
        const exact_sum zero(fx_counts);
        sums_.resize(n_in_all, {zero, zero, zero, zero, zero});
    }

    std::size_t n_heads_ = 0;
    std::vector<std::array<exact_sum, n_quantities>> sums_;
    std::uint64_t n_positions_ = 0;
};

}  // namespace qslip::metrics
