#include "kernels/block_codec.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/weight_format.hpp"

namespace qslip {
namespace {

using kernels::coded_block, kernels::weight_format;

/// Codes to steps: code - offset.
struct code_steps {
    float step[256];
    float largest = 0;  ///< in magnitude
    explicit code_steps(const kernels::packing& p) {
        for (int code = 0; code < 256; ++code) {
            step[code] = static_cast<float>((p.codebook ? p.codebook[code & 15] : code) - p.offset);
            largest = std::max(largest, std::fabs(step[code]));
        }
    }
};

/// Scale * step is exact in float, so that one rounding is left at most.
void decode_block(const kernels::packing& packed, const coded_block& block, const code_steps& steps,
                  std::size_t n_weights, float* out) {
    for (std::size_t first = 0; first < n_weights; first += packed.scale_inputs) {
        const std::size_t end = first + packed.scale_inputs, at = first / packed.scale_inputs;
        for (std::size_t i = first; i < end; ++i) out[i] = block.scales[at] * steps.step[block.codes[i]];
        if (packed.has_min)
            for (std::size_t i = first; i < end; ++i) out[i] += block.minima[at];
    }
}

/// Whether no code, used or not, would give a weight that is not finite.
bool surely_finite(const kernels::packing& packed, const coded_block& block, const code_steps& steps,
                   std::size_t n_weights) {
    bool finite = true;
    for (std::size_t i = 0; i < n_weights / packed.scale_inputs; ++i) {
        const float largest = block.scales[i] * steps.largest;
        finite = finite &&
                 std::isfinite(packed.has_min ? std::fabs(largest) + std::fabs(block.minima[i]) : largest);
    }
    return finite;
}

bool is_finite(float v) noexcept { return std::isfinite(v); }
bool all_finite(const float* x, std::size_t n) noexcept { return std::all_of(x, x + n, is_finite); }

std::optional<std::size_t> first_nonfinite_float(dtype type, const std::byte* numbers,
                                                 std::size_t n) noexcept {
    constexpr std::size_t n_at_once = 256;
    float x[n_at_once];
    for (std::size_t first = 0; first < n; first += n_at_once) {
        const std::size_t n_here = std::min(n_at_once, n - first);
        dequantize(type, numbers + first * info_of(type).block_bytes, n_here, x);
        if (all_finite(x, n_here)) continue;
        return first + static_cast<std::size_t>(std::find_if_not(x, x + n_here, is_finite) - x);
    }
    return std::nullopt;
}

}  // namespace

void dequantize(dtype type, const std::byte* blocks, std::size_t n_weights, float* out) noexcept {
    const weight_format& format = kernels::format_of(type);
    const auto* stored = reinterpret_cast<const std::uint8_t*>(blocks);
    if (format.read_floats != nullptr) return format.read_floats(stored, n_weights, out);
    const auto info = info_of(type);
    const code_steps steps(format.packed);
    coded_block block;
    for (; n_weights != 0; n_weights -= info.block_weights) {
        format.read_codes(stored, block);
        decode_block(format.packed, block, steps, info.block_weights, out);
        stored += info.block_bytes;
        out += info.block_weights;
    }
}

std::optional<std::size_t> first_nonfinite_block(dtype type, const std::byte* blocks,
                                                 std::size_t n_weights) noexcept {
    const weight_format& format = kernels::format_of(type);
    const auto info = info_of(type);
    if (format.read_floats != nullptr) return first_nonfinite_float(type, blocks, n_weights);
    const code_steps steps(format.packed);
    coded_block block;
    for (std::size_t b = 0; b < n_weights / info.block_weights; ++b, blocks += info.block_bytes) {
        format.read_codes(reinterpret_cast<const std::uint8_t*>(blocks), block);
        if (surely_finite(format.packed, block, steps, info.block_weights)) continue;
        float weights[kernels::max_block_weights];
        decode_block(format.packed, block, steps, info.block_weights, weights);
        if (!all_finite(weights, info.block_weights)) return b;
    }
    return std::nullopt;
}

bool can_quantize(dtype type) noexcept { return kernels::format_of(type).write != nullptr; }

std::optional<std::size_t> quantize_rtn(dtype type, const float* in, std::size_t n_weights,
                                        std::byte* blocks) noexcept {
    const weight_format& format = kernels::format_of(type);
    const auto info = info_of(type);
    for (std::size_t b = 0; b < n_weights / info.block_weights; ++b) {
        const float* x = in + b * info.block_weights;
        std::byte* stored = blocks + b * info.block_bytes;
        if (!all_finite(x, info.block_weights)) return b;
        std::fill_n(stored, info.block_bytes, std::byte{0});
        format.write(x, reinterpret_cast<std::uint8_t*>(stored));
        if (first_nonfinite_block(type, stored, info.block_weights)) return b;
    }
    return std::nullopt;
}

}  // namespace qslip
