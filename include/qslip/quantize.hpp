#pragma once
#include <qslip/detail/core/dtype.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstdint>
#include <string>

namespace qslip {

struct tensor_info;

struct quantize_options {
    dtype type = dtype::q8_0;  ///< F32, F16 and BF16 too
    qslip::limits limits = {};
};

struct quantize_summary {
    std::uint64_t n_converted = 0;              ///< tensors whose type changed
    std::uint64_t n_requantized = 0;            ///< of these, from a type of 8 bits or fewer: errors add up
    std::uint64_t n_kept = 0;                   ///< tensors copied as they were
    std::uint64_t in_bytes = 0, out_bytes = 0;  ///< of all tensors
};

/// Writes the GGUF file `out_path`: `in_path` with its weights in another type, by round-to-nearest
/// (kernels/block_codec.hpp). llama.cpp loads the result. `out_path` appears only when all is done; it may be
/// `in_path`.
///
/// Which tensors change (the rule of `llama-quantize --pure`): those of 2 or more dimensions above 1 named
/// "*.weight", token embedding and output included, but not norms ("*_norm.weight"), expert routers
/// ("*ffn_gate_inp.weight"), position and type embeddings. A tensor that has the type already is copied. One
/// whose rows are no whole blocks becomes F16. All else stays as stored: norms and biases in F32.
/// general.file_type and general.quantization_version follow.
///
/// Memory: a few MiB beside the header.
/// Errors: those of gguf_file and atomic_file; nonfinite (NaN or infinity in a weight, or one beyond the
/// type's range: names tensor and block).
result<quantize_summary> quantize_file(const std::string& in_path, const std::string& out_path,
                                       const quantize_options& options);

/// The type quantize_file gives a tensor.
dtype quantized_type(const tensor_info& tensor, dtype asked) noexcept;

}  // namespace qslip
