#pragma once
#include <qslip/detail/core/dtype.hpp>
#include <qslip/errors.hpp>

#include <cstddef>
#include <optional>

#include "kernels/half.hpp"

namespace qslip {

/// Writes the `n_weights` numbers stored at `blocks`, each the exact value the format defines, rounded once
/// to float. `n_weights` is a multiple of the type's block; `blocks` needs no alignment. Allocates: no.
/// Thread-safe: yes.   Source: ggml's block layouts (ggml-common.h).
void dequantize(dtype type, const std::byte* blocks, std::size_t n_weights, float* out) noexcept;

/// Index of the first block with a weight that is NaN or infinite; a block of a float type is one weight.
/// Empty when all are finite.
std::optional<std::size_t> first_nonfinite_block(dtype type, const std::byte* blocks,
                                                 std::size_t n_weights) noexcept;

/// Whether quantize_rtn writes the type.
bool can_quantize(dtype type) noexcept;

/// Rounds to nearest. Q8_0 to Q5_1 and the float types: byte for byte what ggml's reference quantizers give:
/// Q8_0 scale = max|x| / 127, levels rounded half away from zero; Q4_0, Q5_0 scale = (the first x of largest
/// magnitude) / -8 or / -16; Q4_1, Q5_1 scale = (max - min) / 15 or / 31 and the minimum; levels of these
/// four truncate x / scale + 0.5 (plus the offset) in float, at most 15 or 31. Levels come from the unrounded
/// scale, which is then stored as binary16, ties to even. F16 and BF16: nearest, ties to even. Zero groups:
/// scale 0 (-0 for Q4_0 and Q5_0) and the level of zero. Groups so small that 1 / scale overflows: as if
/// every number were zero (ggml's result is undefined there; the stored scale is 0 either way).
/// All others: scales and minima searched for a small squared error (kernels/formats/fit.hpp), the same bits
/// on every machine. `n_weights` is a multiple of the type's block; `blocks` needs no alignment. Returns the
/// index of the first block with a NaN, an infinity, or a number or scale beyond the type's range
/// (`blocks` is then unspecified); empty when all went well.   Allocates: no.   Thread-safe: yes.
std::optional<std::size_t> quantize_rtn(dtype type, const float* in, std::size_t n_weights,
                                        std::byte* blocks) noexcept;

}  // namespace qslip
