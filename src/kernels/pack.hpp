#pragma once
// Between the rows of a tensor as stored and the kernels' panels.
#include <qslip/detail/core/dtype.hpp>
#include "core/checked.hpp"

#include <cstddef>
#include <cstdint>

#include "kernels/packed.hpp"

namespace qslip::kernels {

/// How tensors of a type are packed; panels is null, the shape is set.
packed_matrix packing_of(dtype type, std::size_t n_out, std::size_t n_in) noexcept;

/// Bytes of all panels.
checked_size packed_bytes(const packed_matrix& w) noexcept;

/// Writes one stored row into a column of zeroed panels. The row holds whole blocks.
void pack_row(const packed_matrix& w, dtype type, const std::byte* row, std::size_t column,
              std::uint8_t* panels) noexcept;

/// A column as floats, out [n_in]: the values the kernels multiply with.
void unpack_column(const packed_matrix& w, std::size_t column, float* out) noexcept;

}  // namespace qslip::kernels
