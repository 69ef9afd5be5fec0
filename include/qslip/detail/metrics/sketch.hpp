#pragma once
#include <qslip/detail/core/bytes.hpp>
#include <qslip/detail/core/math.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace qslip::metrics {

/// SKETCH: counts per bucket (1.02^(k-1), 1.02^k], a zero bucket for values up to 2^-60, minimum and
/// maximum. Quantiles are right within 0.99 %; merging is exact. Values must be >= 0; NaN and infinities
/// count as the largest double. Source: Masson, Rim, Lee, VLDB 2019 (log-bucket sketch).
class sketch {
public:
    void add(double v) {
        if (!(v <= std::numeric_limits<double>::max())) v = std::numeric_limits<double>::max();
        v = v > 0 ? v : 0;
        min_ = n_ == 0 ? v : std::min(min_, v);
        max_ = n_ == 0 ? v : std::max(max_, v);
        ++n_;
        if (v <= 0x1p-60)
            ++zero_;
        else
            ++at(bucket(v));
    }
    void merge(const sketch& other) {
        if (other.n_ == 0) return;
        min_ = n_ == 0 ? other.min_ : std::min(min_, other.min_);
        max_ = n_ == 0 ? other.max_ : std::max(max_, other.max_);
        n_ += other.n_;
        zero_ += other.zero_;
        other.for_each([this](std::int32_t k, std::uint64_t count) { at(k) += count; });
    }

    /// The bucket of v > 2^-60.
    static std::int32_t bucket(double v) noexcept {
        return static_cast<std::int32_t>(std::ceil(math::log(v) / math::log(1.02) - 1e-12));
    }

    std::uint64_t n() const noexcept { return n_; }
    double min() const noexcept { return min_; }
    double max() const noexcept { return max_; }
    /// The value at rank 1 + floor(q (n - 1)), 0 <= q <= 1; 0 when n() is 0.
    double quantile(double q) const noexcept { return n_ == 0 ? 0 : value_at(rank_of(q, n_)); }
    static std::uint64_t rank_of(double q, std::uint64_t n) noexcept {
        return 1 + static_cast<std::uint64_t>(std::floor(q * static_cast<double>(n - 1)));
    }
    /// The value of `rank`, 1 the smallest.
    double value_at(std::uint64_t rank) const noexcept {
        std::uint64_t seen = zero_;
        if (rank <= seen) return std::clamp(0.0, min_, max_);
        for (std::size_t i = 0; i < counts_.size(); ++i)
            if ((seen += counts_[i]) >= rank)
                return std::clamp(middle(first_ + static_cast<int>(i)), min_, max_);
        return max_;
    }
    /// Calls f(bucket, count) for every bucket in use, in order; the zero bucket is zero_count().
    template <class F>
    void for_each(F f) const {
        for (std::size_t i = 0; i < counts_.size(); ++i)
            if (counts_[i] > 0) f(first_ + static_cast<std::int32_t>(i), counts_[i]);
    }
    std::uint64_t zero_count() const noexcept { return zero_; }

    bool operator==(const sketch& other) const {
        byte_writer a, b;
        save(a);
        other.save(b);
        return std::ranges::equal(a.bytes(), b.bytes());
    }
    void save(byte_writer& out) const {
        out.u64(n_);
        out.u64(zero_);
        out.f64(min_);
        out.f64(max_);
        std::uint64_t used = 0;
        for_each([&](std::int32_t, std::uint64_t) { ++used; });
        out.u64(used);
        for_each([&](std::int32_t k, std::uint64_t count) {
            out.i32(k);
            out.u64(count);
        });
    }
    void load(byte_reader& in) {
        *this = {};
        n_ = in.u64();
        zero_ = in.u64();
        min_ = in.f64();
        max_ = in.f64();
        in.require(min_ >= 0 && min_ <= max_ && max_ <= std::numeric_limits<double>::max());
        const std::size_t used = in.count(12);
        std::uint64_t total = zero_;
        for (std::size_t i = 0, last = 0; in.ok() && i < used; ++i) {
            const std::int32_t k = in.i32();
            const std::uint64_t count = in.u64();
            const auto offset = static_cast<std::size_t>(static_cast<std::int64_t>(k) - lowest);
            in.require(k >= lowest && k <= highest && count > 0 && (i == 0 || offset > last));
            in.require(!__builtin_add_overflow(total, count, &total));
            if (in.ok()) at(k) = count;
            last = offset;
        }
        in.require(total == n_);
    }

private:
    static constexpr std::int32_t lowest = -2101,
                                  highest = 35844;  // buckets of 2^-60 and of the largest double

    static double middle(std::int32_t k) noexcept { return 2 * math::exp(k * math::log(1.02)) / 2.02; }
    std::uint64_t& at(std::int32_t k) {
        if (counts_.empty()) first_ = k;
        if (k < first_) {
            counts_.insert(counts_.begin(), static_cast<std::size_t>(first_ - k), 0);
            first_ = k;
        }
        const auto i = static_cast<std::size_t>(k - first_);
        if (i >= counts_.size()) counts_.resize(i + 1);
        return counts_[i];
    }

    std::uint64_t n_ = 0, zero_ = 0;
    double min_ = 0, max_ = 0;
    std::int32_t first_ = 0;
    std::vector<std::uint64_t> counts_;  // of buckets first_, first_ + 1, ...
};

/// Two mirrored sketches for data of either sign.
class signed_sketch {
public:
    void add(double v) { v < 0 ? below_.add(-v) : above_.add(v); }
    void merge(const signed_sketch& other) {
        below_.merge(other.below_);
        above_.merge(other.above_);
    }
    std::uint64_t n() const noexcept { return below_.n() + above_.n(); }
    double quantile(double q) const noexcept {
        if (n() == 0) return 0;
        const std::uint64_t rank = sketch::rank_of(q, n());
        return rank <= below_.n() ? -below_.value_at(below_.n() + 1 - rank)
                                  : above_.value_at(rank - below_.n());
    }
    double max() const noexcept { return above_.n() > 0 ? above_.max() : -below_.min(); }
    bool operator==(const signed_sketch&) const = default;
    void save(byte_writer& out) const {
        below_.save(out);
        above_.save(out);
    }
    void load(byte_reader& in) {
        below_.load(in);
        above_.load(in);
    }

private:
    sketch below_, above_;
};

}  // namespace qslip::metrics
