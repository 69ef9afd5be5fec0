#pragma once
// What a weight type is. Each is one file in kernels/formats, which defines `<name>_format`, and one row of
// core/dtype.inc; decoding, packing, quantizing and the check for finite numbers follow from it.
#include <qslip/detail/core/dtype.hpp>

#include <cstddef>
#include <cstdint>

#include "kernels/packed.hpp"

namespace qslip::kernels {

inline constexpr std::size_t max_block_weights = 256, max_block_scales = 16;

/// A stored block, whatever its layout: weight i is scales[s] * (code - offset) [+ minima[s]], both exact in
/// float but the sum. s = i / scale_inputs; code is codes[i], or entry codes[i] of the codebook.
struct coded_block {
    float scales[max_block_scales], minima[max_block_scales];
    std::uint8_t codes[max_block_weights];
};

struct weight_format {
    packing packed;
    /// One stored block of a coded type. All of it that the type has is written.
    void (*read_codes)(const std::uint8_t* stored, coded_block& out);
    /// n numbers of a float type.
    void (*read_floats)(const std::uint8_t* stored, std::size_t n, float* out);
    /// One block of finite numbers, into bytes that are zeros. Null: the type is only read.
    void (*write)(const float* x, std::uint8_t* stored);
};

const weight_format& format_of(dtype type) noexcept;

}  // namespace qslip::kernels
