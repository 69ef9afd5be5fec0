#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

#include "formats/gguf.hpp"

namespace qslip {

/// Ok when no number stored in `bytes` is NaN or infinite: block scales and minima, and the elements of float
/// types. (A forward pass may hide a NaN in its weights behind an ordinary perplexity, so weights are looked
/// at.) `bytes` are whole blocks of `tensor` from element `first_element` on. Errors: nonfinite, naming file,
/// tensor and the first bad element or block.
status check_finite(const gguf_file& file, const tensor_info& tensor, std::span<const std::byte> bytes,
                    std::uint64_t first_element = 0);

}  // namespace qslip
