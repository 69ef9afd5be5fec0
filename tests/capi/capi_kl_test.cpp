// The accumulator through qslip.h: values, buffers, threads, the caller's floating-point state.
#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "capi_support.hpp"

using capi_test::guarded;

namespace {

/// KL(softmax(a) || softmax(b)) the plain way, in long double.
long double kl_reference(const float* a, const float* b, std::size_t n) {
    long double za = 0, zb = 0, sum = 0;
    for (std::size_t i = 0; i < n; ++i) za += expl(a[i]), zb += expl(b[i]);
    for (std::size_t i = 0; i < n; ++i) sum += expl(a[i]) / za * ((a[i] - logl(za)) - (b[i] - logl(zb)));
    return sum;
}

qslip_kl_summary result_of(const qslip_kl* kl) {
    qslip_kl_summary summary = QSLIP_KL_SUMMARY_INIT;
    REQUIRE(qslip_kl_get_summary(kl, &summary, nullptr) == QSLIP_OK);
    return summary;
}

std::vector<float> random_logits(std::size_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 2);
    std::vector<float> out(n);
    for (auto& x : out) x = normal(random);
    return out;
}

}  // namespace

TEST_CASE("mean, bounds and counts") {
    constexpr std::size_t n_rows = 40, n_vocab = 300, stride_a = 300, stride_b = 333;
    const auto a = random_logits(n_rows * stride_a, 1), b = random_logits(n_rows * stride_b, 2);
    qslip_kl* kl = nullptr;
    REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
    long double sum = 0, largest = 0;
    std::uint64_t agree = 0;
    for (std::size_t r = 0; r < n_rows; r += 4)
        CHECK(qslip_kl_add(kl, r / 8, &a[r * stride_a], stride_a, &b[r * stride_b], stride_b, 4, n_vocab,
                           nullptr) == QSLIP_OK);
    for (std::size_t r = 0; r < n_rows; ++r) {
        const auto* pa = &a[r * stride_a];
        const auto* pb = &b[r * stride_b];
        const auto value = kl_reference(pa, pb, n_vocab);
        sum += value;
        largest = std::max(largest, value);
        agree += (std::max_element(pa, pa + n_vocab) - pa) == (std::max_element(pb, pb + n_vocab) - pb);
    }
    const auto got = result_of(kl);
    CHECK(got.n_positions == n_rows);
    CHECK(got.n_clusters == n_rows / 8);
    CHECK(std::abs(got.mean_nats - static_cast<double>(sum / n_rows)) < 1e-12);
    CHECK(std::abs(got.max_nats - static_cast<double>(largest)) < 1e-12);
    CHECK(got.n_top1_agree == agree);
    REQUIRE(got.has_bounds == 1);
    CHECK(got.lower_nats < got.mean_nats);
    CHECK(got.upper_nats > got.mean_nats);
    CHECK(got.q50_nats <= got.q90_nats);
    CHECK(got.q90_nats <= got.q99_nats);
    CHECK(got.q99_nats <= got.max_nats);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("a model against itself is exactly 0; one cluster has no bounds") {
    const auto a = random_logits(1000, 3);
    qslip_kl* kl = nullptr;
    REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
    CHECK(qslip_kl_add(kl, 9, a.data(), 100, a.data(), 100, 10, 100, nullptr) == QSLIP_OK);
    const auto got = result_of(kl);
    CHECK(got.mean_nats == 0);
    CHECK(got.max_nats == 0);
    CHECK(got.n_top1_agree == 10);
    CHECK(got.has_bounds == 0);
    CHECK((got.lower_nats == 0 && got.upper_nats == 0));
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("faulty rows are counted, not errors") {
    constexpr float inf = std::numeric_limits<float>::infinity(),
                    nan = std::numeric_limits<float>::quiet_NaN();
    const float good[] = {1, 2, 3}, with_nan[] = {1, nan, 3}, with_inf[] = {1, inf, 3};
    const float masked[] = {1, -inf, 3}, nothing[] = {-inf, -inf, -inf};
    qslip_kl* kl = nullptr;
    REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
    auto add = [&](const float* base, const float* cand) {
        CHECK(qslip_kl_add(kl, 1, base, 3, cand, 3, 1, 3, nullptr) == QSLIP_OK);
    };
    add(good, with_nan);
    add(good, with_inf);
    add(good, nothing);
    add(with_nan, good);
    add(good, masked);
    qslip_kl_summary summary = QSLIP_KL_SUMMARY_INIT;
    CHECK(qslip_kl_get_summary(kl, &summary, nullptr) == QSLIP_E_EMPTY);
    add(masked, masked);
    add(good, good);
    const auto got = result_of(kl);
    CHECK(got.n_positions == 2);
    CHECK(got.n_compared == 3);
    CHECK(got.mean_nats == 0);
    CHECK(got.n_cand_nonfinite == 3);
    CHECK(got.n_base_nonfinite == 1);
    CHECK(got.n_support_mismatch == 1);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("merging in any order gives the same bytes; save and load are inverse") {
    const auto a = random_logits(60 * 50, 4), b = random_logits(60 * 50, 5);
    auto part = [&](std::size_t from, std::size_t to) {
        qslip_kl* kl = nullptr;
        REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
        for (std::size_t r = from; r < to; ++r)
            CHECK(qslip_kl_add(kl, r % 7, &a[r * 50], 50, &b[r * 50], 50, 1, 50, nullptr) == QSLIP_OK);
        return kl;
    };
    qslip_kl *whole = part(0, 60), *x = part(0, 11), *y = part(11, 40), *z = part(40, 60);
    const auto y_before = capi_test::saved(y);
    CHECK(qslip_kl_merge(z, y, nullptr) == QSLIP_OK);
    CHECK(qslip_kl_merge(z, x, nullptr) == QSLIP_OK);
    const auto bytes = capi_test::saved(whole);
    CHECK(capi_test::saved(z) == bytes);
    CHECK(capi_test::saved(y) == y_before);
    qslip_kl* again = nullptr;
    REQUIRE(qslip_kl_restore(bytes.data(), bytes.size(), &again, nullptr) == QSLIP_OK);
    CHECK(capi_test::saved(again) == bytes);
    CHECK(result_of(again).upper_nats == result_of(whole).upper_nats);
    for (auto* kl : {whole, x, y, z, again}) CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("damaged bytes never load") {
    qslip_kl* kl = capi_test::small_kl();
    const auto bytes = capi_test::saved(kl);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
    std::size_t n_loaded = 0;
    auto attempt = [&](const std::vector<unsigned char>& damaged) {
        qslip_kl* made = nullptr;
        guarded<unsigned char> copy(damaged.size());
        if (!damaged.empty()) std::memcpy(copy.data(), damaged.data(), damaged.size());
        n_loaded += qslip_kl_restore(copy.data(), damaged.size(), &made, nullptr) == QSLIP_OK;
        CHECK(made == nullptr);
    };
    for (std::size_t n = 0; n < bytes.size(); ++n)
        attempt({bytes.begin(), bytes.begin() + static_cast<long>(n)});
    auto longer = bytes;
    longer.push_back(0);
    attempt(longer);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto flipped = bytes;
            flipped[i] = static_cast<unsigned char>(flipped[i] ^ (1U << bit));
            attempt(flipped);
        }
    CHECK(n_loaded == 0);
    MESSAGE("damaged states tried: " << bytes.size() * 9 + 1);
}

TEST_CASE("nothing outside the buffers is touched") {
    const auto a = random_logits(50, 6), b = random_logits(50, 7);
    qslip_kl* kl = nullptr;
    REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
    for (const bool at_start : {false, true})
        for (const std::size_t n_vocab : {1UL, 7UL, 8UL, 9UL, 25UL}) {
            // Two rows; the stride's gap after the last one does not exist.
            guarded<float> base(n_vocab * 2, at_start), cand(n_vocab + 25, at_start);
            std::memcpy(base.data(), a.data(), n_vocab * 2 * sizeof(float));
            std::memcpy(cand.data(), b.data(), (n_vocab + 25) * sizeof(float));
            CHECK(qslip_kl_add(kl, 1, base.data(), n_vocab, cand.data(), 25, 2, n_vocab, nullptr) ==
                  QSLIP_OK);
        }
    const auto bytes = capi_test::saved(kl);
    for (const bool at_start : {false, true}) {
        guarded<unsigned char> exact(bytes.size(), at_start), shorter(bytes.size() - 1, at_start);
        std::size_t n = 0;
        CHECK(qslip_kl_save(kl, exact.data(), bytes.size(), &n, nullptr) == QSLIP_OK);
        CHECK(n == bytes.size());
        std::memset(shorter.data(), 0x5A, bytes.size() - 1);
        n = 0;
        CHECK(qslip_kl_save(kl, shorter.data(), bytes.size() - 1, &n, nullptr) == QSLIP_E_BUFFER);
        CHECK(n == bytes.size());
        for (std::size_t i = 0; i + 1 < bytes.size(); ++i) REQUIRE(shorter.data()[i] == 0x5A);
    }
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("a second thread gets busy, and nothing is lost or counted twice") {
    const auto a = random_logits(1U << 19, 8), b = random_logits(1U << 19, 9);
    qslip_kl* kl = nullptr;
    REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
    std::atomic<std::uint64_t> n_added{0}, n_busy{0}, n_other{0};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    auto work = [&](std::uint64_t cluster) {
        while (n_busy < 20 && std::chrono::steady_clock::now() < deadline) {
            const auto code =
                qslip_kl_add(kl, cluster, a.data(), a.size(), b.data(), b.size(), 1, a.size(), nullptr);
            ++(code == QSLIP_OK ? n_added : code == QSLIP_E_BUSY ? n_busy : n_other);
        }
    };
    std::thread one(work, 1), two(work, 2);
    one.join();
    two.join();
    CHECK(n_busy >= 20);
    CHECK(n_other == 0);
    CHECK(result_of(kl).n_positions == n_added);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("an accumulator destroyed during a call lives until the call returns") {
    const auto a = random_logits(1U << 20, 10), b = random_logits(1U << 20, 11);
    for (int round = 0; round < 5; ++round) {
        qslip_kl* kl = nullptr;
        REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
        std::atomic<bool> started{false};
        qslip_status during = -1;
        std::thread user([&] {
            started = true;
            during = qslip_kl_add(kl, 1, a.data(), a.size(), b.data(), b.size(), 1, a.size(), nullptr);
        });
        while (!started) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::microseconds(500));
        CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
        user.join();
        CHECK((during == QSLIP_OK || during == QSLIP_E_HANDLE));
        CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_E_HANDLE);
    }
}

TEST_CASE("the caller's rounding mode and flush-to-zero change nothing and are kept") {
    const auto a = random_logits(20000, 12), b = random_logits(20000, 13);
    auto bytes_of = [&] {
        qslip_kl* kl = nullptr;
        REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
        for (std::uint64_t r = 0; r < 20; ++r)
            CHECK(qslip_kl_add(kl, r / 3, &a[r * 1000], 1000, &b[r * 1000], 1000, 1, 1000, nullptr) ==
                  QSLIP_OK);
        auto bytes = capi_test::saved(kl);
        const auto summary = result_of(kl);
        const auto* raw = reinterpret_cast<const unsigned char*>(&summary);
        bytes.insert(bytes.end(), raw, raw + sizeof(summary));
        CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
        return bytes;
    };
    const auto expected = bytes_of();
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        REQUIRE(std::fesetround(mode) == 0);
        const auto got = bytes_of();
        CHECK(std::fegetround() == mode);
        CHECK(got == expected);
    }
    std::fesetround(FE_TONEAREST);
#if defined(__SSE__)
    const unsigned normal = _mm_getcsr();
    const unsigned flushing = normal | 0x8040U;  // flush to zero, denormals are zero
    _mm_setcsr(flushing);
    const auto got = bytes_of();
    CHECK((_mm_getcsr() & 0xFFC0U) == (flushing & 0xFFC0U));
    _mm_setcsr(normal);
    CHECK(got == expected);
#endif
}
