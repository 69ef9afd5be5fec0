#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "kernels/block_codec.hpp"

using namespace qslip;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN(),
                inf = std::numeric_limits<float>::infinity();
constexpr dtype quantized[] = {dtype::q8_0, dtype::q4_0, dtype::q4_1, dtype::q5_0, dtype::q5_1};

using bytes = std::vector<std::uint8_t>;

bytes encoded(dtype type, const std::vector<float>& x) {
    const auto kind = info_of(type);
    bytes out(x.size() / kind.block_weights * kind.block_bytes);
    REQUIRE_FALSE(
        quantize_rtn(type, x.data(), x.size(), reinterpret_cast<std::byte*>(out.data())).has_value());
    return out;
}
std::optional<std::size_t> first_refused(dtype type, const std::vector<float>& x) {
    const auto kind = info_of(type);
    std::vector<std::byte> out(x.size() / kind.block_weights * kind.block_bytes);
    return quantize_rtn(type, x.data(), x.size(), out.data());
}
std::vector<float> decoded(dtype type, const bytes& b, std::size_t n) {
    std::vector<float> out(n);
    dequantize(type, reinterpret_cast<const std::byte*>(b.data()), n, out.data());
    return out;
}
/// 32 numbers: f(0), f(1), ...
template <class F>
std::vector<float> block_of(F f) {
    std::vector<float> x(32);
    for (std::size_t i = 0; i < 32; ++i) x[i] = static_cast<float>(f(static_cast<int>(i)));
    return x;
}
template <class F>
bytes with(bytes head, std::size_t n, F f) {
    for (std::size_t i = 0; i < n; ++i) head.push_back(static_cast<std::uint8_t>(f(i)));
    return head;
}
double half_value(std::uint32_t h) {
    const int exponent = static_cast<int>(h >> 10 & 31), mantissa = static_cast<int>(h & 1023);
    const double m = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    return h >> 15 ? -m : m;
}

}  // namespace

TEST_CASE("binary16: every value, and rounding at every midpoint") {
    for (std::uint32_t h = 0; h < 0x7C00; ++h) {
        const auto low = static_cast<float>(half_value(h));
        const double high = h == 0x7BFF ? 65536.0 : half_value(h + 1);
        const auto middle = static_cast<float>((half_value(h) + high) / 2);  // exact in float
        const std::uint32_t even = h & 1 ? h + 1 : h;
        bool ok = half_to_float(static_cast<std::uint16_t>(h)) == low && float_to_half(low) == h;
        ok = ok && half_to_float(static_cast<std::uint16_t>(h | 0x8000)) == -low;
        ok = ok && float_to_half(middle) == even && float_to_half(-middle) == (even | 0x8000);
        ok = ok && float_to_half(std::nextafter(middle, 0.0f)) == h;
        ok = ok && float_to_half(std::nextafter(middle, inf)) == h + 1;
        if (!ok) FAIL_CHECK("half " << h);
    }
    CHECK(half_to_float(0x7C00) == inf);
    CHECK(std::isnan(half_to_float(0x7E01)));
    CHECK(std::signbit(half_to_float(0x8000)));
    CHECK(float_to_half(-0.0f) == 0x8000);
    CHECK(float_to_half(inf) == 0x7C00);
    CHECK(float_to_half(3e38f) == 0x7C00);
    CHECK(float_to_half(1e-40f) == 0);
    CHECK((float_to_half(not_a_number) & 0x7FFF) > 0x7C00);
}

TEST_CASE("bfloat16: ties to even, NaN stays") {
    CHECK(float_to_bfloat(1.0f) == 0x3F80);
    CHECK(float_to_bfloat(1.0f + 0x1p-8f) == 0x3F80);
    CHECK(float_to_bfloat(1.0f + 0x3p-8f) == 0x3F82);
    CHECK(float_to_bfloat(1.0f + 0x1p-8f + 0x1p-20f) == 0x3F81);
    CHECK(float_to_bfloat(std::numeric_limits<float>::max()) == 0x7F80);
    CHECK(std::isnan(bfloat_to_float(float_to_bfloat(not_a_number))));
    CHECK(bfloat_to_float(0xC040) == -3.0f);
}

TEST_CASE("blocks worked out by hand") {
    // Scale 1 is 3C00. Byte i holds levels i and i + 16.
    CHECK(encoded(dtype::q4_0, block_of([](int i) { return i < 16 ? i - 8 : 0; })) ==
          with({0x00, 0x3C}, 16, [](auto i) { return 0x80 | i; }));
    CHECK(encoded(dtype::q4_1, block_of([](int i) { return i % 16 - 3; })) ==
          with({0x00, 0x3C, 0x00, 0xC2}, 16, [](auto i) { return i << 4 | i; }));
    CHECK(encoded(dtype::q5_0, block_of([](int i) { return i - 16; })) ==
          with({0x00, 0x3C, 0x00, 0x00, 0xFF, 0xFF}, 16, [](auto i) { return i << 4 | i; }));
    CHECK(encoded(dtype::q5_1, block_of([](int i) { return i; })) ==
          with({0x00, 0x3C, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF}, 16, [](auto i) { return i << 4 | i; }));
    CHECK(encoded(dtype::q8_0, block_of([](int i) { return i == 0 ? 127 : -i; })) ==
          with({0x00, 0x3C}, 32, [](auto i) { return i == 0 ? 127 : 256 - i; }));
}

TEST_CASE("the first of two largest magnitudes sets the sign of the scale") {
    const auto positive = encoded(dtype::q4_0, block_of([](int i) { return i == 0 ? 8 : i == 1 ? -8 : 0; }));
    CHECK(positive[1] == 0xBC);  // scale -1
    CHECK(positive[2] == 0x80);
    CHECK(positive[3] == 0x8F);  // -8 would be level 16: cut to 15
    const auto negative = encoded(dtype::q5_0, block_of([](int i) {
                                      return i == 0 ? -16 : i == 1 ? 16 : 0;
                                  }));
    CHECK(negative[1] == 0x3C);
    CHECK(decoded(dtype::q5_0, negative, 32)[0] == -16.0f);
    CHECK(decoded(dtype::q5_0, negative, 32)[1] == 15.0f);
}

TEST_CASE("rounding of levels and of scales") {
    const auto q8 = encoded(dtype::q8_0, block_of([](int i) { return i == 31 ? 127 : (i - 15) + 0.5; }));
    for (std::size_t i = 0; i < 31; ++i) {
        const int away = static_cast<int>(i) - 15 + (i >= 15 ? 1 : 0);  // half away from zero
        CHECK(static_cast<std::int8_t>(q8[2 + i]) == away);
    }
    for (const auto& [scale, half] : {std::pair{1.0f + 0x1p-11f, 0x3C00}, {1.0f + 0x3p-11f, 0x3C02}}) {
        const auto b = encoded(dtype::q4_0, block_of([s = scale](int i) { return i == 0 ? -8 * s : 0; }));
        CHECK((b[0] | b[1] << 8) == half);
    }
}

TEST_CASE("zero groups and groups too small for a scale") {
    const auto zero = [](float v) { return block_of([v](int i) { return i % 2 ? v : -v; }); };
    for (const float v : {0.0f, 1e-42f}) {
        const std::uint8_t sign = v == 0 ? 0x80 : 0x00;  // of the scale: 0 / -8 is -0
        CHECK(encoded(dtype::q4_0, zero(v)) == with({0x00, sign}, 16, [](auto) { return 0x88; }));
        CHECK(encoded(dtype::q5_0, zero(v)) ==
              with({0x00, sign, 0xFF, 0xFF, 0xFF, 0xFF}, 16, [](auto) { return 0; }));
        CHECK(encoded(dtype::q8_0, zero(v)) == bytes(34, 0));
        for (const auto type : quantized)
            for (const float x : decoded(type, encoded(type, zero(v)), 32)) CHECK(x == 0.0f);
    }
    CHECK(encoded(dtype::q4_1, block_of([](int) { return 0; })) == bytes(20, 0));
    CHECK(encoded(dtype::q5_1, block_of([](int) { return 2; }))[3] == 0x40);  // constant: all in the minimum
    CHECK(decoded(dtype::q5_1, encoded(dtype::q5_1, block_of([](int) { return 2; })), 32)[7] == 2.0f);
}

TEST_CASE("NaN, infinity and overflow name the block") {
    for (const auto type : quantized)
        for (const float bad : {not_a_number, inf, -inf, 3e38f}) {
            std::vector<float> x(96, 1.0f);
            x[40] = bad;
            x[41] = -bad;
            CHECK(first_refused(type, x) == 1);
        }
    for (const auto type : {dtype::f16, dtype::bf16, dtype::f32}) {
        CHECK(first_refused(type, {1, 2, not_a_number}) == 2);
        CHECK(first_refused(type, {1, -inf}) == 1);
    }
    CHECK(first_refused(dtype::f16, {65519.0f, 65520.0f}) == 1);
    CHECK(first_refused(dtype::bf16, {std::numeric_limits<float>::max()}) == 0);
    for (const auto type : quantized) {
        const auto kind = info_of(type);
        const bool has_minimum = type == dtype::q4_1 || type == dtype::q5_1;
        for (std::size_t at : {1u, 3u}) {
            bytes b(3 * kind.block_bytes, 0);
            b[2 * kind.block_bytes + at] = 0x7C;  // high byte of scale or minimum: infinity
            const auto found = first_nonfinite_block(type, reinterpret_cast<const std::byte*>(b.data()), 96);
            CHECK(found == (at == 1 || has_minimum ? std::optional<std::size_t>(2) : std::nullopt));
        }
    }
}

TEST_CASE("random blocks decode to the format's definition, rounded once") {
    const counter_rng rng(7);
    std::uint64_t draw = 0;
    for (const auto type : quantized) {
        const std::size_t n_bytes = info_of(type).block_bytes;
        for (int round = 0; round < 200; ++round) {
            bytes b(n_bytes);
            for (auto& v : b) v = static_cast<std::uint8_t>(rng.at(draw++));
            for (const std::size_t high : {1u, 3u}) b[high] &= 0xBB;  // no exponent of 31
            const auto word = [&](std::size_t at) {
                return static_cast<std::uint32_t>(b[at] | b[at + 1] << 8);
            };
            const auto x = decoded(type, b, 32);
            for (std::size_t i = 0; i < 32; ++i) {
                const bool minimum = type == dtype::q4_1 || type == dtype::q5_1;
                const bool fifth = type == dtype::q5_0 || type == dtype::q5_1;
                const std::size_t bits = minimum ? 4 : 2, levels = bits + (fifth ? 4 : 0);
                int level = type == dtype::q8_0 ? static_cast<std::int8_t>(b[2 + i]) : 0;
                if (type != dtype::q8_0) {
                    level = b[levels + i % 16] >> (i / 16 * 4) & 15;
                    if (fifth) level += (b[bits + i / 8] >> (i % 8) & 1) * 16;
                    if (!minimum) level -= fifth ? 16 : 8;
                }
                const double value = level * half_value(word(0)) + (minimum ? half_value(word(2)) : 0.0);
                if (x[i] != static_cast<float>(value)) FAIL_CHECK(info_of(type).name << " level " << i);
            }
        }
    }
}

TEST_CASE("no codec reads or writes beyond its blocks, aligned or not") {
    for (const auto type : quantized) {
        const auto kind = info_of(type);
        for (std::size_t shift = 0; shift < 3; ++shift) {
            bytes b(2 * kind.block_bytes + 8, 0xA5);
            const auto x = block_of([](int i) { return i - 15; });
            std::vector<float> two(x);
            two.insert(two.end(), x.begin(), x.end());
            auto* at = reinterpret_cast<std::byte*>(b.data()) + shift;
            REQUIRE_FALSE(quantize_rtn(type, two.data(), 64, at).has_value());
            CHECK(std::all_of(b.begin() + static_cast<std::ptrdiff_t>(2 * kind.block_bytes + shift), b.end(),
                              [](auto v) { return v == 0xA5; }));
            std::vector<float> out(65, -99.0f);
            dequantize(type, at, 64, out.data());
            CHECK(out[64] == -99.0f);
            CHECK(std::equal(out.begin(), out.begin() + 32, out.begin() + 32));
        }
    }
}
