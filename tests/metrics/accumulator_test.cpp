// Merging, sharding, shuffling and reading back: equal data give equal bytes; hostile bytes a status.
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/metrics/logit_kl.hpp>
#include <qslip/detail/metrics/outcome_table.hpp>
#include <qslip/detail/metrics/paired_outcome.hpp>
#include <qslip/detail/metrics/serialize.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <vector>

using namespace qslip::metrics;

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();

struct sample {
    std::uint64_t cluster;
    qslip::position_values values;
};

/// Positions of 17 prompts with every kind of exclusion among them.
std::vector<sample> samples(std::size_t n) {
    std::vector<sample> out;
    for (std::uint64_t s = 0; s < n; ++s) {
        const qslip::counter_rng rng(s);
        std::vector<float> a(40), b(40);
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] = static_cast<float>(rng.index_at(i, 4000)) / 500;
            b[i] = a[i] + static_cast<float>(rng.index_at(i + 100, 1000)) / 1500;
        }
        if (s % 31 == 7) b[3] = -inf;
        if (s % 37 == 9) a[3] = -inf;
        if (s % 41 == 11) b[5] = std::nanf("");
        out.push_back({s % 17, compare_position(a, b, static_cast<std::int32_t>(s % 41) - 1)});
    }
    return out;
}

position_accumulator gather(const std::vector<sample>& all, std::size_t first, std::size_t step) {
    position_accumulator out;
    for (std::size_t i = first; i < all.size(); i += step) out.add(all[i].values, all[i].cluster);
    return out;
}

template <class State>
bool loads(std::vector<std::byte> bytes) {
    return from_bytes<State>(bytes).ok();
}

/// The bytes with a right checksum after a change of the payload.
std::vector<std::byte> resealed(std::vector<std::byte> bytes) {
    const auto body = std::span<const std::byte>(bytes).first(bytes.size() - 8);
    const std::uint64_t sum = qslip::crc64(body);
    for (std::size_t i = 0; i < 8; ++i) bytes[bytes.size() - 8 + i] = static_cast<std::byte>(sum >> (8 * i));
    return bytes;
}

}  // namespace

TEST_CASE("any sharding and any order give the same bytes") {
    auto all = samples(500);
    const auto whole = to_bytes(gather(all, 0, 1));
    for (const std::size_t shards : {1u, 2u, 7u}) {
        position_accumulator forward, backward;
        for (std::size_t i = 0; i < shards; ++i) forward.merge(gather(all, i, shards));
        for (std::size_t i = shards; i-- > 0;) backward.merge(gather(all, i, shards));
        CHECK(to_bytes(forward) == whole);
        CHECK(to_bytes(backward) == whole);
        CHECK(forward == backward);
    }
    for (std::uint64_t round = 0; round < 5; ++round) {
        const qslip::counter_rng rng(round);
        for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[rng.index_at(i, i)]);
        CHECK(to_bytes(gather(all, 0, 1)) == whole);
    }
}

TEST_CASE("B1 data in shards") {
    const double values[] = {.1, .2, .3, 1e-7};
    exact_sum whole;
    for (const double v : values) whole.add(v);
    for (const std::size_t shards : {1u, 2u, 7u}) {
        exact_sum merged;
        for (std::size_t s = shards; s-- > 0;) {
            exact_sum part;
            for (std::size_t i = s; i < 4; i += shards) part.add(values[i]);
            merged.merge(part);
        }
        CHECK(merged == whole);
    }
}

TEST_CASE("C1 and E1 data in shards") {
    paired_outcome whole;
    cluster_table<position_column> table;
    for (std::uint64_t i = 0; i < 200; ++i) whole.add(i, i >= 2, i < 2 || i >= 11);
    CHECK(whole.total().n10 == 9);
    CHECK(whole.total().n01 == 2);
    CHECK(whole.total().damage() == .035);
    CHECK(std::fabs(whole.total().degradation_share() - .818181818181818) < 1e-14);
    for (const std::size_t shards : {2u, 7u}) {
        paired_outcome merged;
        for (std::size_t s = shards; s-- > 0;) {
            paired_outcome part;
            for (std::uint64_t i = s; i < 200; i += shards) part.add(i, i >= 2, i < 2 || i >= 11);
            merged.merge(part);
        }
        CHECK(to_bytes(merged) == to_bytes(whole));
    }
    CHECK(from_bytes<paired_outcome>(to_bytes(whole)).value() == whole);
    CHECK(whole.paired_clusters().size() == 200);

    const int n[] = {2, 3, 1, 4, 2}, ones[] = {2, 3, 0, 1, 0};
    for (std::uint64_t g = 0; g < 5; ++g)
        for (int i = 0; i < n[g]; ++i) table.at(g).add(position_column::token_flip, i < ones[g] ? 1 : 0);
    const auto estimate = qslip::stats::cluster_ratio(table.column(position_column::token_flip)).value();
    CHECK(estimate.mean == .5);
    CHECK(std::fabs(estimate.se - .218501843368781) < 1e-12);
}

TEST_CASE("exclusions are counted and infinite values stay out") {
    const auto all = samples(500);
    const auto acc = gather(all, 0, 1);
    std::uint64_t nonfinite = 0, mismatch = 0, infinite_fwd = 0, masked = 0;
    double kl = 0;
    for (const auto& s : all) {
        nonfinite += s.values.cand_nonfinite ? 1u : 0u;
        if (!s.values.finite()) continue;
        mismatch += s.values.support_mismatch() ? 1u : 0u;
        infinite_fwd += s.values.kl_fwd_infinite ? 1u : 0u;
        masked += s.values.target_masked ? 1u : 0u;
        if (!s.values.kl_fwd_infinite) kl += s.values.kl_fwd_nats;
    }
    CHECK(nonfinite > 5);
    CHECK(infinite_fwd > 5);
    CHECK(acc.exclusions()[exclusion::cand_nonfinite] == nonfinite);
    CHECK(acc.exclusions()[exclusion::support_mismatch] == mismatch);
    CHECK(acc.exclusions()[exclusion::target_masked] == masked);
    CHECK(acc.exclusions().blocks_pass(acc.n_positions()));
    CHECK(acc.n_positions() == 500 - nonfinite);
    CHECK(acc.n_clusters() == 17);
    const auto fwd = acc.summary(qslip::metric::kl_fwd_nats).value();
    CHECK(fwd.n == acc.n_positions() - infinite_fwd);
    CHECK(std::fabs(fwd.mean - kl / static_cast<double>(fwd.n)) < 1e-12);
    CHECK(fwd.bounds->lower < fwd.mean);
    CHECK(fwd.bounds->upper > fwd.mean);
    CHECK(fwd.quantiles->q50 <= fwd.quantiles->q99);
    const auto agree = acc.summary(qslip::metric::top1_agreement).value();
    const auto flip = acc.summary(qslip::metric::token_flip).value();
    CHECK(std::fabs(agree.mean + flip.mean - 1) < 1e-15);
    CHECK(agree.n == acc.n_positions());
}

TEST_CASE("an absent metric is absent, not zero") {
    position_accumulator empty;
    for (const auto& m : qslip::all_metrics) CHECK_FALSE(empty.summary(m.which).has_value());
    CHECK_FALSE(empty.ppl_base().has_value());
    logit_kl kl;
    CHECK(kl.n() == 0);
    CHECK_FALSE(kl.add("p", std::vector<float>{1, 2}, std::vector<float>{1}));
    CHECK(kl.exclusions()[exclusion::shape] == 1);
    CHECK(kl.bounds().upper == std::numeric_limits<double>::infinity());
}

TEST_CASE("every metric of positions is a column or made of columns") {
    using qslip::metric;
    for (const auto& m : qslip::all_metrics) {
        CAPTURE(m.id);
        const bool is_derived = m.which == metric::nll_shift_nats || m.which == metric::ppl_ratio;
        const bool of_positions = m.use == qslip::metric_use::displacement;
        CHECK(column_of(m.which).has_value() == (of_positions && !is_derived));
    }
}

TEST_CASE("means have a spread, rates have none") {
    position_accumulator acc;
    qslip::position_values v;
    v.has_target = true;
    for (const double dp : {-.5, .25, .25}) {
        v.dp = dp;
        acc.add(v, 1);
    }
    const auto dp = acc.summary(qslip::metric::dp).value();
    CHECK(dp.mean == 0);
    CHECK(dp.spread->root_mean_square == std::sqrt(.125));
    CHECK(dp.spread->standard_deviation == std::sqrt(.125));
    CHECK(dp.quantiles->max == .25);
    CHECK_FALSE(acc.summary(qslip::metric::token_flip)->spread.has_value());
    CHECK_FALSE(acc.summary(qslip::metric::tv)->quantiles.has_value());
}

TEST_CASE("a flip between tokens of equal rank counts as a tied flip") {
    position_accumulator acc;
    acc.add(compare_position(std::vector<float>{1, 1, 0}, std::vector<float>{0, 1, 0}),
            1);  // tied in the base
    acc.add(compare_position(std::vector<float>{1, 0, 0}, std::vector<float>{0, 1, 0}), 1);
    acc.add(compare_position(std::vector<float>{1, 0, 0}, std::vector<float>{1, 0, 0}), 1);
    CHECK(acc.summary(qslip::metric::token_flip)->mean == 2.0 / 3);
    CHECK(acc.summary(qslip::metric::tied_flip)->mean == 1.0 / 3);
}

TEST_CASE("the mass cut off with padding is reported where rows were padded") {
    position_accumulator acc;
    qslip::position_values v;
    acc.add(v, 1);
    CHECK_FALSE(acc.summary(qslip::metric::cut_mass).has_value());
    v.was_cut = true;
    v.cut_mass = 0x1p-20;
    acc.add(v, 1);
    const auto cut = acc.summary(qslip::metric::cut_mass).value();
    CHECK(cut.n == 1);
    CHECK(cut.quantiles->max == 0x1p-20);
    const float ln3 = 1.0986123f;
    CHECK(cut_mass(std::vector<float>{0, ln3, 0}, 2) == doctest::Approx(.2));
}

TEST_CASE("a model against itself is exactly zero everywhere") {
    logit_kl kl;
    for (std::uint64_t s = 0; s < 50; ++s) {
        std::vector<float> a(100);
        for (std::size_t i = 0; i < a.size(); ++i)
            a[i] = static_cast<float>(qslip::counter_rng(s).index_at(i, 9000)) / 700;
        CHECK(kl.add(s % 5, a, a, 3));
    }
    CHECK(kl.mean_nats() == 0);
    CHECK(kl.bounds().upper == 0);
    for (const auto m : {qslip::metric::kl_rev_nats, qslip::metric::js_nats, qslip::metric::tv,
                         qslip::metric::dp, qslip::metric::token_flip, qslip::metric::entropy_shift_nats})
        CHECK(kl.positions().summary(m)->mean == 0);
    CHECK(kl.positions().summary(qslip::metric::ppl_ratio)->mean == 1);
}

TEST_CASE("E2: the perplexity ratio and its clusters") {
    position_accumulator acc;
    const double base[] = {2, 1, .5, 1.5, 1}, cand[] = {2.25, 1.125, .5, 1.75, 1};
    for (int i = 0; i < 5; ++i) {
        qslip::position_values v;
        v.has_target = v.has_margin = true;
        v.nll_base_nats = base[i];
        v.nll_cand_nats = cand[i];
        acc.add(v, i < 2 ? 1 : 2);
    }
    const auto ratio = acc.summary(qslip::metric::ppl_ratio).value();
    CHECK(std::fabs(ratio.mean - 1.1331484530668263) < 1e-12);
    const auto estimate = qslip::stats::cluster_ratio(acc.clusters(qslip::metric::nll_shift_nats)).value();
    CHECK(std::fabs(estimate.mean - .125) < 1e-15);
    CHECK(std::fabs(estimate.se - .05) < 1e-12);
}

TEST_CASE("fixed point: rounding, clamp, variance") {
    CHECK(detail::to_code(0x1p-53, fx_values).code == 0);  // ties to even
    CHECK(detail::to_code(3 * 0x1p-53, fx_values).code == 2);
    CHECK(detail::to_code(-3 * 0x1p-53, fx_values).code == -2);
    CHECK(detail::to_code(1024, fx_values).code == std::int64_t{1} << 62);
    CHECK(detail::to_code(-1e9, fx_values).code == -(std::int64_t{1} << 62));
    exact_sum f;
    for (const double v : {1025.0, -1e300, static_cast<double>(inf), std::nan(""), 1024.0}) f.add(v);
    CHECK(f.n_clip() == 4);
    exact_sum tiny;
    for (int i = 0; i < 1000; ++i) tiny.add(i % 2 == 0 ? 1e-9 : 3e-9);
    CHECK(std::fabs(tiny.variance() - 1e-18) < 1e-23);
    exact_sum same;
    for (int i = 0; i < 1000; ++i) same.add(0.1);
    CHECK(same.variance() == 0);
    exact_sum steps;
    for (int i = 0; i < 4; ++i) steps.add(i);
    CHECK(steps.variance() == 1.25);
}

TEST_CASE("wide integers against 128-bit arithmetic") {
    __extension__ using i128 = __int128;
    __extension__ using u128 = unsigned __int128;
    const auto narrow = [](const qslip::wide_int<3>& w) {
        return static_cast<i128>((static_cast<u128>(w.word[1]) << 64) | w.word[0]);
    };
    const qslip::counter_rng rng(3);
    for (std::uint64_t i = 0; i < 20000; ++i) {
        const auto x = static_cast<std::int64_t>(rng.at(3 * i)) >> rng.index_at(i, 60);
        const auto y = static_cast<std::int64_t>(rng.at(3 * i + 1)) >> rng.index_at(i + 7, 60);
        const auto product = qslip::wide_mul(qslip::wide_int<1>(x), qslip::wide_int<1>(y));
        const i128 want = static_cast<i128>(x) * y;
        CHECK((narrow(qslip::wide_int<3>(product)) == want));
        CHECK(product.to_double() == static_cast<double>(want));
        CHECK((narrow(qslip::wide_int<3>(product) - qslip::wide_int<3>(x)) == want - x));
    }
}

TEST_CASE("quantiles are right within a hundredth") {
    sketch s;
    signed_sketch both;
    std::vector<double> values;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        const double u = static_cast<double>(qslip::counter_rng(11).index_at(i, 1u << 30)) / (1u << 30);
        values.push_back(std::exp(12 * u - 10));
        s.add(values.back());
        both.add(i % 3 == 0 ? -values.back() : values.back());
    }
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, .1, .5, .9, .99, .999, 1.0}) {
        const double exact = values[static_cast<std::size_t>(std::floor(q * 4999))];
        CHECK(std::fabs(s.quantile(q) / exact - 1) <= .0099009901);
    }
    CHECK(both.quantile(.1) < 0);
    CHECK(both.quantile(.9) > 0);
    CHECK(both.max() == s.max());
    CHECK(s.quantile(1) == values.back());
}

TEST_CASE("a state of another version is refused by name") {
    auto bytes = to_bytes(gather(samples(5), 0, 1));
    bytes[4] = std::byte{1};
    const auto older = from_bytes<position_accumulator>(resealed(bytes));
    CHECK(older.status().code() == qslip::errc::unsupported);
    CHECK(std::string(older.status().message()) ==
          "position metrics state version 1; this build reads version 2");
    const auto other = from_bytes<outcome_table>(to_bytes(paired_outcome()));
    CHECK(other.status().code() == qslip::errc::type);
    CHECK(std::string(other.status().message()) == "an accumulator state of kind 2, not outcome table");
}

TEST_CASE("what is saved comes back; what is damaged does not") {
    const auto acc = gather(samples(300), 0, 1);
    const auto good = to_bytes(acc);
    CHECK(from_bytes<position_accumulator>(good).value() == acc);
    CHECK(to_bytes(*from_bytes<position_accumulator>(good)) == good);
    CHECK_FALSE(loads<paired_outcome>(good));
    for (std::size_t n = 0; n < good.size(); ++n)
        CHECK_FALSE(
            loads<position_accumulator>({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)}));
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] ^= std::byte{0x10};
        CHECK_FALSE(loads<position_accumulator>(bad));
    }
    auto longer = good;
    longer.push_back(std::byte{0});
    CHECK_FALSE(loads<position_accumulator>(longer));
}

TEST_CASE("hostile bytes with a right checksum are bounded") {
    const auto good = to_bytes(gather(samples(60), 0, 1));
    const qslip::counter_rng rng(5);
    int accepted = 0;
    for (std::uint64_t i = 0; i < 4000; ++i) {
        auto bad = good;
        const auto at = 20 + rng.index_at(3 * i, good.size() - 28);
        bad[at] = static_cast<std::byte>(rng.at(3 * i + 1));
        if (i % 2 == 0)
            for (std::size_t j = at; j < std::min<std::size_t>(at + 8, good.size() - 8); ++j)
                bad[j] = std::byte{0xFF};
        const auto loaded = from_bytes<position_accumulator>(resealed(bad));
        if (!loaded) continue;
        ++accepted;  // a changed sum can be a possible one; using it must be safe
        for (const auto& m : qslip::all_metrics) (void)loaded->summary(m.which);
        (void)loaded->flips().bins();
    }
    CHECK(accepted < 4000);
}
