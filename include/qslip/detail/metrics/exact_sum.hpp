#pragma once
#include <qslip/detail/core/bytes.hpp>
#include <qslip/detail/core/int_wide.hpp>

#include <cmath>
#include <cstdint>

namespace qslip::metrics {

/// Fixed point: a value v becomes the integer rint(v 2^shift), ties to even, |v| at most 2^clamp_log2.
struct fx_scale {
    std::uint32_t shift;
    std::uint32_t clamp_log2;
    bool operator==(const fx_scale&) const noexcept = default;
};
inline constexpr fx_scale fx_values{52, 10};  ///< nats, probabilities, scores
inline constexpr fx_scale fx_counts{40, 20};  ///< lengths and counts

namespace detail {

/// 2^e for |e| < 1023.
constexpr double pow2(int e) noexcept {
    return std::bit_cast<double>(static_cast<std::uint64_t>(1023 + e) << 52);
}

struct fx_code {
    std::int64_t code;
    bool clipped;
};
inline fx_code to_code(double v, fx_scale s) noexcept {
    const double bound = pow2(static_cast<int>(s.clamp_log2));
    if (!(v <= bound)) return {static_cast<std::int64_t>(bound * pow2(static_cast<int>(s.shift))), true};
    if (v < -bound) return {-static_cast<std::int64_t>(bound * pow2(static_cast<int>(s.shift))), true};
    const double x = v * pow2(static_cast<int>(s.shift));
    // At 2^52 and above every double is an integer; below, adding and taking away 2^52 rounds to even.
    const double magic = std::copysign(0x1p52, x);
    return {static_cast<std::int64_t>(std::fabs(x) < 0x1p52 ? (x + magic) - magic : x), false};
}

template <std::size_t N>
void save_wide(byte_writer& out, const wide_int<N>& v) {
    for (const auto w : v.word) out.u64(w);
}
template <std::size_t N>
void load_wide(byte_reader& in, wide_int<N>& v) {
    for (auto& w : v.word) w = in.u64();
}

}  // namespace detail

/// Exact sums of a value and of its square. All state is integer: adding, merging and sharding in
/// any order give the same bytes. Values beyond the clamp, infinities and NaN count as clipped (NaN as
/// the upper clamp), which is reported and blocks a PASS.
class exact_sum {
public:
    explicit exact_sum(fx_scale scale = fx_values) noexcept : scale_(scale) {}

    void add(double v) noexcept {
        const auto c = detail::to_code(v, scale_);
        ++n_;
        n_clip_ += c.clipped ? 1 : 0;
        s1_ += wide_int<2>(c.code);
        s2_ += wide_int<3>(wide_mul(wide_int<1>(c.code), wide_int<1>(c.code)));
    }
    /// Both of one scale.
    void merge(const exact_sum& other) noexcept {
        n_ += other.n_;
        n_clip_ += other.n_clip_;
        s1_ += other.s1_;
        s2_ += other.s2_;
    }

    std::uint64_t n() const noexcept { return n_; }
    std::uint64_t n_clip() const noexcept { return n_clip_; }
    fx_scale scale() const noexcept { return scale_; }
    const wide_int<2>& s1() const noexcept { return s1_; }
    const wide_int<3>& s2() const noexcept { return s2_; }
    double sum() const noexcept { return s1_.to_double() * unit(); }
    double sum_squares() const noexcept { return s2_.to_double() * unit() * unit(); }
    /// 0 when n() is 0: ask n() first, an empty metric is absent and not 0.
    double mean() const noexcept { return n_ == 0 ? 0 : sum() / static_cast<double>(n_); }
    double rms() const noexcept { return n_ == 0 ? 0 : std::sqrt(sum_squares() / static_cast<double>(n_)); }
    /// Population variance from exact integers, so never negative.
    double variance() const noexcept {
        if (n_ == 0) return 0;
        const double n = static_cast<double>(n_);
        return centered_squares().to_double() * unit() * unit() / n / n;
    }
    /// The weight of one code: 2^-shift.
    double unit() const noexcept { return detail::pow2(-static_cast<int>(scale_.shift)); }
    bool operator==(const exact_sum&) const noexcept = default;

    void save(byte_writer& out) const {
        out.u32(scale_.shift);
        out.u32(scale_.clamp_log2);
        out.u64(n_);
        out.u64(n_clip_);
        detail::save_wide(out, s1_);
        detail::save_wide(out, s2_);
    }
    /// Refuses a scale other than this object's.
    void load(byte_reader& in) {
        in.require(in.u32() == scale_.shift);
        in.require(in.u32() == scale_.clamp_log2);
        n_ = in.u64();
        n_clip_ = in.u64();
        detail::load_wide(in, s1_);
        detail::load_wide(in, s2_);
        in.require(n_clip_ <= n_ && !s2_.negative());
        // Sums no data can have would give a negative variance.
        in.require(!centered_squares().negative());
    }

private:
    /// n S2 - S1^2, exact.
    wide_int<5> centered_squares() const noexcept {
        return wide_mul(wide_count(n_), s2_) - wide_int<5>(wide_mul(s1_, s1_));
    }

    fx_scale scale_;
    std::uint64_t n_ = 0;
    std::uint64_t n_clip_ = 0;
    wide_int<2> s1_;
    wide_int<3> s2_;
};

}  // namespace qslip::metrics
