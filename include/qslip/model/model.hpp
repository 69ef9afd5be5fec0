#pragma once
#include <qslip/core/limits.hpp>
#include <qslip/core/result.hpp>
#include <qslip/kernels/isa.hpp>
#include <qslip/model/config.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace qslip {

class gguf_file;
class tokenizer;

struct model_options {
    limits lim;
    std::string isa;  ///< tier by name; "" = QSLIP_FORCE_ISA, else the best here
    std::string pre;  ///< overrides tokenizer.ggml.pre
};

/// A model file and, after load(), its packed weights. Cheap to copy (shared, immutable once loaded);
/// any number of scorers on any threads may share one.
/// Numerics F32: weights exactly as stored, activations in single precision.
class model {
public:
    /// Reads the header, hyperparameters and vocabulary; no weights.
    static result<model> open(const std::string& path, const model_options& options = {});

    /// Reads, checks and packs the weights; does nothing when they are there. Not for concurrent calls.
    /// Errors: limit (memory), nonfinite (naming the tensor), io, changed, no_memory, shape, unsupported.
    status load();
    bool is_loaded() const noexcept;

    const model_config& config() const noexcept;
    const tokenizer& vocab() const noexcept;
    const gguf_file& gguf() const noexcept;
    isa active_isa() const noexcept;
    /// Bytes load() will take, or has taken.
    std::uint64_t memory_bytes() const noexcept;

    struct impl;  ///< private to the library
    const impl& internals() const noexcept { return *impl_; }

private:
    explicit model(std::shared_ptr<impl> state) : impl_(std::move(state)) {}
    std::shared_ptr<impl> impl_;
};

}  // namespace qslip
