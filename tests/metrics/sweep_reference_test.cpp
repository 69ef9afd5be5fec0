// The sweep against sums in long double over whole vocabularies: kl_fwd within 1e-9 where it exceeds 1e-12.
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/metrics/compare_position.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels/position_sweep.hpp"

namespace {

/// exp(x), -200 <= x <= 0, good to 3 units of long double: a table of exp(k/64) and a Taylor sum. An
/// independent stand-in for std::exp(long double), which would take minutes.
class long_exp {
public:
    long_exp() {
        for (int k = 0; k <= 64 * 200; ++k) table_.push_back(std::exp(static_cast<long double>(-k) / 64));
    }
    long double operator()(long double x) const {
        const int k = static_cast<int>(x * -64 + 0.5L);
        const long double r = x + static_cast<long double>(k) / 64;
        long double sum = 1;
        for (int i = 9; i > 0; --i) sum = 1 + sum * r * inverse[i];
        return table_[static_cast<std::size_t>(k)] * sum;
    }

private:
    static constexpr long double inverse[] = {0,        1,        1 / 2.0L, 1 / 3.0L, 1 / 4.0L,
                                              1 / 5.0L, 1 / 6.0L, 1 / 7.0L, 1 / 8.0L, 1 / 9.0L};
    std::vector<long double> table_;
};

/// e^d - 1 - d by its Taylor series near 0: d^2/2 (1 + d/3 (1 + d/4 (...))), as many terms as d asks for.
long double phi(long double d) {
    static constexpr long double inverse[] = {
        0,        1,         1 / 2.0L,  1 / 3.0L,  1 / 4.0L,  1 / 5.0L,  1 / 6.0L,  1 / 7.0L,  1 / 8.0L,
        1 / 9.0L, 1 / 10.0L, 1 / 11.0L, 1 / 12.0L, 1 / 13.0L, 1 / 14.0L, 1 / 15.0L, 1 / 16.0L, 1 / 17.0L};
    const long double size = std::fabs(d);
    if (size > 0.25L) return std::expm1(d) - d;
    long double sum = 1;
    for (int k = size < 1e-5L ? 6 : size < 1e-2L ? 10 : 17; k > 2; --k) sum = 1 + sum * d * inverse[k];
    return d * d / 2 * sum;
}

struct reference {
    long double kl_fwd = 0, tv = 0, entropy_base = 0;
};

class long_sweep {
public:
    reference operator()(const std::vector<float>& a, const std::vector<float>& b) {
        const long double log_sum_a = scan(a, exp_a_), log_sum_b = log_sum(b);
        const long double max_a = *std::max_element(a.begin(), a.end());
        const long double max_b = *std::max_element(b.begin(), b.end());
        const long double inverse = std::exp(-log_sum_a);
        reference out;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const long double xa = a[i] - max_a, p = exp_a_[i] * inverse;
            const long double d = ((b[i] - max_b) - xa) - (log_sum_b - log_sum_a);
            const long double f = phi(d);
            out.kl_fwd += p * f;
            out.tv += p * std::fabs(f + d) / 2;
            out.entropy_base -= p * (xa - log_sum_a);
        }
        return out;
    }
    const long_exp& exp() const { return exp_; }

private:
    long double scan(const std::vector<float>& x, std::vector<long double>& e) {
        const auto top = std::max_element(x.begin(), x.end());
        e.resize(x.size());
        long double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            e[i] = exp_(static_cast<long double>(x[i]) - *top);
            if (i != static_cast<std::size_t>(top - x.begin())) sum += e[i];
        }
        return std::log1p(sum);
    }
    long double log_sum(const std::vector<float>& x) { return scan(x, exp_b_); }

    long_exp exp_;
    std::vector<long double> exp_a_, exp_b_;
};

/// About normal, from the four 16-bit fields of one draw.
float bell(std::uint64_t u) {
    const auto sum = (u & 0xFFFF) + ((u >> 16) & 0xFFFF) + ((u >> 32) & 0xFFFF) + (u >> 48);
    return (static_cast<float>(sum) - 131070.f) * (1 / 37837.f);
}

/// Rows whose disturbance runs from 1 nat down to 1e-6, some with one token nearly certain.
void make_rows(std::uint64_t seed, std::vector<float>& a, std::vector<float>& b) {
    const qslip::counter_rng rng(seed);
    const float noise = std::pow(10.f, -static_cast<float>(seed % 13) / 2);
    const float spread = 1 + static_cast<float>(seed % 4);
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::uint64_t u = rng.at(i);
        a[i] = spread * bell(u);
        b[i] = a[i] + noise * bell(qslip::mix64(u));
    }
    if (seed % 3 == 0) a[seed % a.size()] += 25, b[seed % a.size()] += 25 + noise;
}

struct errors {
    double kl = 0, tv = 0, entropy = 0;
    int checked = 0;
};

errors worst_errors(std::size_t n_vocab, int n_rows) {
    const auto tier = qslip::resolve_isa("").value();
    std::vector<float> a(n_vocab), b(n_vocab);
    long_sweep exact;
    errors worst;
    for (int r = 0; r < n_rows; ++r) {
        make_rows(static_cast<std::uint64_t>(r), a, b);
        const auto want = exact(a, b);
        const auto got = qslip::compare_position(tier, a, b);
        if (r % 100 == 0) {
            const auto header = qslip::metrics::by_header::compare_position(a, b);
            CHECK(header.kl_fwd_nats == got.kl_fwd_nats);
        }
        CHECK(got.kl_fwd_nats >= 0);
        if (want.kl_fwd <= 1e-12L) continue;
        ++worst.checked;
        const auto relative = [](double x, long double y) {
            return std::fabs(static_cast<double>((x - y) / y));
        };
        worst.kl = std::max(worst.kl, relative(got.kl_fwd_nats, want.kl_fwd));
        worst.tv = std::max(worst.tv, relative(got.tv, want.tv));
        worst.entropy = std::max(worst.entropy, relative(got.entropy_base_nats, want.entropy_base));
    }
    std::printf(
        "sweep vs long double, %zu x %d rows: worst relative error kl %.1e tv %.1e entropy %.1e (%d rows)\n",
        n_vocab, n_rows, worst.kl, worst.tv, worst.entropy, worst.checked);
    return worst;
}

/// ./check sets it for the builds with sanitizers: a tenth of the rows, the release build runs them all.
bool quick_run() { return std::getenv("QSLIP_QUICK") != nullptr; }

void check_errors(std::size_t n_vocab, int n_rows) {
    if (quick_run()) n_rows /= 10;
    const auto worst = worst_errors(n_vocab, n_rows);
    CHECK(worst.checked > n_rows * 7 / 10);
    CHECK(worst.kl <= 1e-9);
    CHECK(worst.tv <= 1e-9);
    CHECK(worst.entropy <= 1e-12);
}

/// w d - (1 + w) ln((1 + w) / 2) for w = e^d: twice what an entry with p = 1 gives js.
long double psi(long double d) {
    const long double h = d / 2, h2 = h * h, w = std::exp(d);
    if (std::fabs(d) < 0.01L)
        return (1 + w) * h2 * (0.5L - h2 * (0.25L - h2 * (1 / 9.0L - h2 * (119 / 2520.0L))));
    return w * d - (1 + w) * std::log1p(std::expm1(d) / 2);
}

/// Worst relative errors of kl_rev and js at one size of disturbance.
void check_reverse_and_js(double noise, double* worst_rev, double* worst_js) {
    constexpr std::size_t n = 700;
    const auto tier = qslip::resolve_isa("").value();
    std::vector<float> a(n), b(n);
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const qslip::counter_rng rng(seed + 77);
        for (std::size_t i = 0; i < n; ++i) {
            a[i] = static_cast<float>(1 + seed % 7) * bell(rng.at(i));
            b[i] = a[i] + static_cast<float>(noise) * bell(rng.at(i + n));
        }
        const long double max_a = *std::max_element(a.begin(), a.end());
        const long double max_b = *std::max_element(b.begin(), b.end());
        long double sum_a = 0, sum_b = 0, rev = 0, js = 0;
        for (std::size_t i = 0; i < n; ++i) sum_a += std::exp(a[i] - max_a), sum_b += std::exp(b[i] - max_b);
        for (std::size_t i = 0; i < n; ++i) {
            const long double p = std::exp(a[i] - max_a) / sum_a, q = std::exp(b[i] - max_b) / sum_b;
            const long double d = ((b[i] - max_b) - (a[i] - max_a)) - (std::log(sum_b) - std::log(sum_a));
            rev += q * phi(-d);
            js += p * psi(d) / 2;
        }
        const auto got = qslip::compare_position(tier, a, b);
        *worst_rev = std::max(*worst_rev, std::fabs(static_cast<double>((got.kl_rev_nats - rev) / rev)));
        *worst_js = std::max(*worst_js, std::fabs(static_cast<double>((got.js_nats - js) / js)));
    }
}

bool long_run() {
    const char* wanted = std::getenv("QSLIP_LONG");
    return wanted != nullptr && wanted[0] == '1';
}

}  // namespace

TEST_CASE("the stand-in for long double exp is one") {
    const long_exp fast;
    for (int i = 0; i < 20000; ++i) {
        const long double x = -static_cast<long double>(i) * 0.00997L;
        CHECK(std::fabs(static_cast<double>(fast(x) / std::exp(x) - 1)) < 1e-18);
    }
}

TEST_CASE("reverse KL and js at every size of disturbance") {
    for (const double noise : {30.0, 8.0, 3.0, 1.0, 0.3, 0.03, 1e-3, 1e-5}) {
        double rev = 0, js = 0;
        check_reverse_and_js(noise, &rev, &js);
        std::printf("disturbance %g: worst relative error kl_rev %.1e js %.1e\n", noise, rev, js);
        CHECK(rev <= 1e-10);
        CHECK(js <= 1e-10);
    }
}
TEST_CASE("2,000 rows of 151,936 logits") { check_errors(151936, 2000); }
TEST_CASE("50,000 rows of 1,024 logits") { check_errors(1024, 50000); }

TEST_CASE("the long run") {
    if (!long_run()) {
        std::puts(
            "SKIPPED: sweep against long double, 100,000 x 151,936 and 1,000,000 x 1,024, because QSLIP_LONG "
            "is not 1");
        MESSAGE("skipped: QSLIP_LONG is not 1");
        return;
    }
    check_errors(1024, 1000000);
    check_errors(151936, 100000);
}
