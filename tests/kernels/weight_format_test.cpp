// Every weight type against the Python package gguf: tests/golden/weight_formats.py says which blocks.
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "files/sha256.hpp"
#include "kernels/block_codec.hpp"

using namespace qslip;

namespace {

constexpr std::size_t n_golden_blocks = 200;

/// The finite ones among random blocks.
std::vector<std::byte> random_blocks(const dtype_info& info) {
    const counter_rng rng(static_cast<std::uint64_t>(info.type));
    std::vector<std::byte> out, block(info.block_bytes);
    for (std::uint64_t draw = 0; out.size() < n_golden_blocks * info.block_bytes;) {
        for (std::byte& b : block) b = static_cast<std::byte>(rng.at(draw++));
        if (!first_nonfinite_block(info.type, block.data(), info.block_weights))
            out.insert(out.end(), block.begin(), block.end());
    }
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
