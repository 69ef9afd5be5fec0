#include "kernels/block_codec.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/weight_format.hpp"

namespace qslip {
namespace {

using kernels::coded_block;
using kernels::weight_format;

/// Scale * step is exact in float, so that one rounding is left at most.
void decode_block(const weight_format& format, const std::uint8_t* stored, std::size_t n_weights,
                  float* out) {
    coded_block block;
    format.read_codes(stored, block);
    for (std::size_t first = 0; first < n_weights; first += kernels::group_weights) {
        const std::size_t group = first / kernels::group_weights;
        const float scale = block.scales[group];
        for (std::size_t i = first; i < first + kernels::group_weights; ++i)
            out[i] = scale * static_cast<float>(block.codes[i] - format.packed.offset);
        if (format.packed.has_min)
            for (std::size_t i = first; i < first + kernels::group_weights; ++i)
                out[i] += block.minima[group];
    }
}

bool all_finite(const float* x, std::size_t n) noexcept {
    return std::all_of(x, x + n, [](float v) { return std::isfinite(v); });
}

}  // namespace

void dequantize(dtype type, const std::byte* blocks, std::size_t n_weights, float* out) noexcept {
    const weight_format& format = kernels::format_of(type);
    const auto* stored = reinterpret_cast<const std::uint8_t*>(blocks);
    if (format.read_floats != nullptr) return format.read_floats(stored, n_weights, out);
    const auto info = info_of(type);
    for (; n_weights != 0; n_weights -= info.block_weights) {
        decode_block(format, stored, info.block_weights, out);
        stored += info.block_bytes;
        out += info.block_weights;
    }
}

std::optional<std::size_t> first_nonfinite_block(dtype type, const std::byte* blocks,
                                                 std::size_t n_weights) noexcept {
    const auto info = info_of(type);
    const std::size_t n_at_once = kernels::max_block_weights / info.block_weights;
    float weights[kernels::max_block_weights];
    for (std::size_t b = 0, end = n_weights / info.block_weights; b < end; b += n_at_once) {
        const std::size_t n = std::min(n_at_once, end - b) * info.block_weights;
        dequantize(type, blocks + b * info.block_bytes, n, weights);
        if (all_finite(weights, n)) continue;
        std::size_t bad = 0;
        while (std::isfinite(weights[bad])) ++bad;
        return b + bad / info.block_weights;
    }
    return std::nullopt;
}

std::optional<std::size_t> quantize_rtn(dtype type, const float* in, std::size_t n_weights,
                                        std::byte* blocks) noexcept {
    const weight_format& format = kernels::format_of(type);
    const auto info = info_of(type);
    for (std::size_t b = 0; b < n_weights / info.block_weights; ++b) {
        const float* x = in + b * info.block_weights;
        std::byte* stored = blocks + b * info.block_bytes;
        if (!all_finite(x, info.block_weights)) return b;
        format.write(x, reinterpret_cast<std::uint8_t*>(stored));
        if (first_nonfinite_block(type, stored, info.block_weights)) return b;
    }
    return std::nullopt;
}

}  // namespace qslip
