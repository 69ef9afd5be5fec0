#pragma once
#include <qslip/core/limits.hpp>
#include <qslip/core/numerics.hpp>
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
    numerics mode = numerics::f32;
};

/// What of a model is loaded: `head` turns hidden states into logits and does nothing else.
enum class model_part : std::uint8_t { head, all };

/// A model file and, after load(), its packed weights. Cheap to copy (shared, immutable once loaded);
/// any number of scorers on any threads may share one. Weights are used exactly as stored in every mode.
class model {
public:
    /// Reads the header, hyperparameters and vocabulary; no weights.
    static result<model> open(const std::string& path, const model_options& options = {});

    /// Reads, checks and packs the weights of a part that are not there yet, on n_threads threads (0: one per
    /// core). Not for concurrent calls.
    /// Errors: limit (memory), nonfinite (naming the tensor), io, changed, no_memory, shape, unsupported.
    status load(model_part part = model_part::all, unsigned n_threads = 1);
    bool is_loaded(model_part part = model_part::all) const noexcept;

    const model_config& config() const noexcept;
    const tokenizer& vocab() const noexcept;
    const gguf_file& gguf() const noexcept;
    isa active_isa() const noexcept;
    numerics mode() const noexcept;
    /// The same weights in another mode: they are shared, not loaded again.
    model with_mode(numerics mode) const;
    /// Bytes all weights take once loaded.
    std::uint64_t memory_bytes() const noexcept;

    struct impl;  ///< private to the library
    const impl& internals() const noexcept { return *impl_; }

private:
    model(std::shared_ptr<impl> state, numerics mode) : impl_(std::move(state)), mode_(mode) {}
    std::shared_ptr<impl> impl_;
    numerics mode_;
};

}  // namespace qslip
