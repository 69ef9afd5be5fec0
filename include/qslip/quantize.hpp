#pragma once
#include <qslip/detail/core/dtype.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace qslip {

/// What the weights of a file become: one type, or a mixture, which gives some tensors another.
struct weight_target {
    std::string_view name;    ///< "Q8_0", "Q4_K_M"; static storage
    std::uint32_t file_type;  ///< what general.file_type then says
    dtype type;               ///< of most tensors
    bool is_mixture;
};

/// Every type that quantize_file writes, then the mixtures. Static storage.
std::span<const weight_target> weight_targets();

/// By its name in any letter case; null when there is none.
const weight_target* find_weight_target(std::string_view name);

struct quantize_options {
    std::string type = "Q8_0";  ///< a name of weight_targets()
    unsigned n_threads = 0;     ///< 0: one per core; the file is the same for any number
    qslip::limits limits = {};
};

struct quantize_summary {
    std::uint64_t n_converted = 0;              ///< tensors whose type changed
    std::uint64_t n_requantized = 0;            ///< of these, from a type of 8 bits or fewer: errors add up
    std::uint64_t n_kept = 0;                   ///< tensors copied as they were
    std::uint64_t in_bytes = 0, out_bytes = 0;  ///< of all tensors
};

/// Writes the GGUF file `out_path`: `in_path` with its weights in another type, by rounding to nearest, the
/// scales of K-quants and IQ4 searched for the least squared error (docs/quantize.md). llama.cpp loads the
/// result. `out_path` appears only when all is done; it may be `in_path`.
///
/// Which tensors change: those of 2 or more dimensions above 1 named "*.weight", token embedding and output
/// included, but not norms ("*_norm.weight"), expert routers ("*ffn_gate_inp.weight"), position and type
/// embeddings. A tensor that has the type already is copied. One whose rows are no whole blocks gets the
/// type's fallback, in the end F16. All else stays as stored: norms and biases in F32. general.file_type and
/// general.quantization_version follow.
///
/// Memory: a few MiB beside the header.
/// Errors: usage (no such type: names the nearest), those of gguf_file and atomic_file; nonfinite (NaN or
/// infinity in a weight, or one beyond the type's range: names tensor and block).
result<quantize_summary> quantize_file(const std::string& in_path, const std::string& out_path,
                                       const quantize_options& options);

}  // namespace qslip
