// Every weight type against the Python package gguf: tests/golden/weight_formats.py says which blocks.
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "files/sha256.hpp"
#include "kernels/block_codec.hpp"
#include "support/stored_matrix.hpp"

using namespace qslip;

namespace {

constexpr std::size_t n_golden_blocks = 200;

/// The finite ones among random blocks.
std::vector<std::byte> random_blocks(const dtype_info& info) {
    const counter_rng rng(static_cast<std::uint64_t>(info.type));
    std::vector<std::byte> out(n_golden_blocks * info.block_bytes);
    std::uint64_t draw = 0;
    for (std::size_t b = 0; b < n_golden_blocks; ++b)
        test::draw_block(info, rng, draw, &out[b * info.block_bytes]);
    return out;
}

std::string decoded_sha256(dtype type) {
    const dtype_info info = info_of(type);
    const std::vector<std::byte> blocks = random_blocks(info);
    std::vector<float> weights(n_golden_blocks * info.block_weights);
    dequantize(type, blocks.data(), weights.size(), weights.data());
    sha256 hash;
    hash.update(std::as_bytes(std::span(weights)));
    return hash.hex();
}

}  // namespace

TEST_CASE("blocks of every type decode to the bits of the gguf package"){
#define DECODED(type, sha256) \
    SUBCASE(#type) { CHECK(decoded_sha256(dtype::type) == sha256); }
#include <golden/weight_formats.inc>
#undef DECODED
}

TEST_CASE("a type without golden blocks is noticed") {
    std::size_t n = 0;
#define DECODED(type, sha256) ++n;
#include <golden/weight_formats.inc>
#undef DECODED
    CHECK(n == std::size(all_dtypes));
}

namespace {

/// Products of three uniform numbers: a peak and tails, as weights have them.
std::vector<float> peaked(std::size_t n) {
    const counter_rng rng(77);
    std::vector<float> x(n);
    for (std::size_t i = 0; i < n; ++i)
        x[i] = test::uniform(rng, 3 * i) * test::uniform(rng, 3 * i + 1) * test::uniform(rng, 3 * i + 2);
    return x;
}

std::vector<std::byte> encoded(dtype type, const std::vector<float>& x) {
    const dtype_info info = info_of(type);
    std::vector<std::byte> out(x.size() / info.block_weights * info.block_bytes);
    REQUIRE_FALSE(quantize_rtn(type, x.data(), x.size(), out.data()).has_value());
    return out;
}
std::vector<float> round_trip(dtype type, const std::vector<float>& x) {
    std::vector<float> out(x.size());
    dequantize(type, encoded(type, x).data(), x.size(), out.data());
    return out;
}

double root_mean_square_error(dtype type) {
    const std::vector<float> x = peaked(64 * 256), y = round_trip(type, x);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (double{y[i]} - x[i]) * (double{y[i]} - x[i]);
    return std::sqrt(sum / static_cast<double>(x.size()));
}

std::vector<dtype> searched_types() {
    std::vector<dtype> out;
    for (const dtype_info& d : all_dtypes)
        if (can_quantize(d.type) && static_cast<std::uint32_t>(d.type) >= 10 && d.block_weights > 1)
            out.push_back(d.type);
    return out;
}

}  // namespace

TEST_CASE("searched scales leave no more error than llama.cpp's quantizers without importance matrix") {
    // Its ggml_quantize_chunk on the same numbers (llama_cpp_python 0.3.36).
    CHECK(root_mean_square_error(dtype::q2_k) < 0.06879);
    CHECK(root_mean_square_error(dtype::q3_k) < 0.03236);
    CHECK(root_mean_square_error(dtype::q4_k) < 0.016638);
    CHECK(root_mean_square_error(dtype::q5_k) < 0.0084392);
    CHECK(root_mean_square_error(dtype::q6_k) < 0.0042137);
    CHECK(root_mean_square_error(dtype::iq4_nl) < 0.016466);
    CHECK(root_mean_square_error(dtype::iq4_xs) < 0.016571);
    CHECK(root_mean_square_error(dtype::mxfp4) < 0.02435);
    CHECK(root_mean_square_error(dtype::tq1_0) < 0.14796);
    CHECK(root_mean_square_error(dtype::tq2_0) < 0.14796);
}

TEST_CASE("zeros stay zeros, and numbers too small for a scale become zeros") {
    for (const dtype type : searched_types())
        for (const float tiny : {0.0f, 1e-44f, -1e-42f}) {
            INFO(info_of(type).name << " " << tiny);
            for (const float y : round_trip(type, std::vector<float>(512, tiny)))
                CHECK(std::fabs(y) <= std::fabs(tiny));
        }
}

TEST_CASE("a block that is all zeros but one number keeps it") {
    for (const dtype type : searched_types())
        for (const float value : {0.5f, -0.5f}) {
            std::vector<float> x(512);
            x[300] = value;
            INFO(info_of(type).name << " " << value);
            CHECK(round_trip(type, x)[300] == doctest::Approx(value).epsilon(0.04));
        }
}

TEST_CASE("searched types name the block with NaN, an infinity or a number beyond their range") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (const dtype type : searched_types()) {
        const dtype_info info = info_of(type);
        std::vector<std::byte> out(512 / info.block_weights * info.block_bytes);
        for (const float bad : {std::nanf(""), infinity, -infinity, 3e38f}) {
            if (bad == 3e38f && type == dtype::mxfp4) continue;  // it holds that
            std::vector<float> x(512, 1.0f);
            x[300] = bad;
            INFO(info.name << " " << bad);
            CHECK(quantize_rtn(type, x.data(), x.size(), out.data()) ==
                  std::optional<std::size_t>(300 / info.block_weights));
        }
    }
}

TEST_CASE("codes at the ends of every type survive being written again") {
    for (const dtype_info& info : all_dtypes) {
        if (!can_quantize(info.type)) continue;
        const std::vector<float> once = round_trip(info.type, peaked(512)),
                                 twice = round_trip(info.type, once);
        double error = 0, size = 0;
        for (std::size_t i = 0; i < once.size(); ++i) {
            error += (double{twice[i]} - once[i]) * (double{twice[i]} - once[i]);
            size += double{once[i]} * once[i];
        }
        INFO(info.name);
        CHECK(error < 4e-3 * size);
    }
}
