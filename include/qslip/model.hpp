#pragma once
#include <qslip/detail/core/isa.hpp>
#include <qslip/detail/core/numerics.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace qslip {

class gguf_file;

/// Hyperparameters of a llama-architecture model, checked against each other once.
struct model_config {
    std::string architecture;
    std::size_t n_layers = 0;
    std::size_t d_model = 0;
    std::size_t n_heads = 0;
    std::size_t n_kv_heads = 0;  ///< divides n_heads
    std::size_t head_dim = 0;    ///< a multiple of 32
    std::size_t d_ff = 0;
    std::size_t n_vocab = 0;  ///< rows of the token embedding
    std::size_t context_length = 0;
    float rms_eps = 0;
    double rope_base = 0;
    bool tied_head = false;  ///< the head is the token embedding
};

/// Reads and checks the hyperparameters.
/// Errors: unsupported (architecture, RoPE scaling, biases), not_found, type, shape, limit.
result<model_config> read_model_config(const gguf_file& file);

class gguf_file;
class tokenizer;

struct model_options {
    qslip::limits limits = {};
    std::string isa = {};  ///< tier by name; "" = QSLIP_FORCE_ISA, else the best here
    std::string pre = {};  ///< overrides tokenizer.ggml.pre
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

/// What a model file holds, for a person or a script to read.
struct model_description {
    std::string path;
    std::map<std::string, std::size_t> tensors_by_type;  ///< "Q4_1" -> how many
    double bits_per_weight = 0;
    bool has_chat_template = false;
    std::string chat_template_fault;  ///< why messages cannot be rendered; empty when they can
};

/// Reads nothing beyond the header; renders a short conversation to find faults of the chat template.
model_description describe_model(const model& m);

/// Keys and values (fp32, all layers) of one sequence's tokens so far. Belongs to one model's shape.
/// Not for concurrent use.
class kv_cache {
public:
    /// Room for `max_tokens` tokens. Errors: arg (beyond the model's context), no_memory.
    static result<kv_cache> create(const model& m, std::size_t max_tokens);
    /// What create() takes, in bytes.
    static std::uint64_t bytes_for(const model_config& config, std::size_t max_tokens) noexcept;

    std::size_t n_past() const noexcept;
    std::size_t capacity() const noexcept;
    /// Forgets all tokens from position n_past on. Errors: arg when it holds fewer.
    status truncate(std::size_t n_past);
    /// Becomes the first n_past tokens of `other` (same model shape, enough room). Errors: arg, shape.
    status copy_prefix(const kv_cache& other, std::size_t n_past);

    struct impl;  ///< private to the library
    impl& internals() noexcept { return *impl_; }

    kv_cache(kv_cache&&) noexcept;
    kv_cache& operator=(kv_cache&&) noexcept;
    ~kv_cache();

private:
    explicit kv_cache(std::unique_ptr<impl> state);
    std::unique_ptr<impl> impl_;
};

/// New tokens of one sequence. They follow what `cache` holds and are added to it; without a cache the
/// sequence starts at position 0 and its keys and values live for one layer only. One item per cache.
struct batch_item {
    std::span<const std::int32_t> tokens = {};
    kv_cache* cache = nullptr;
};

/// Sums over query positions of the attention entropy in nats and of the weight on keys 0 ... 3, per layer
/// and head. Filled by a scorer.
struct attention_tap {
    std::vector<double> entropy_sum_nats, sink_mass_sum;  ///< [n_layers, n_heads]
    std::uint64_t n_positions = 0;

    void resize(const model_config& c) {
        entropy_sum_nats.resize(c.n_layers * c.n_heads);
        sink_mass_sum.resize(c.n_layers * c.n_heads);
    }
};

/// Sums over query positions of one head's attention in a baseline and a candidate.
struct attention_sums {
    double kl_nats = 0;  ///< KL(alpha_base || alpha_cand), >= 0
    double entropy_base_nats = 0, entropy_cand_nats = 0;
    double sink_mass_base = 0, sink_mass_cand = 0;  ///< weight on keys 0 ... 3
};

/// Working memory, and threads, over a loaded model. Results do not depend on how tokens are batched, on the
/// number of threads or scorers, or on the tier. For many sequences a scorer of one thread each is fastest;
/// more threads share the work on one long sequence, or on decoding.
class scorer {
public:
    /// `m` must be loaded and is shared, not copied. `tap`, if given, must outlive the scorer.
    explicit scorer(const model& m, attention_tap* tap = nullptr, unsigned n_threads = 1);
    scorer(scorer&&) noexcept;
    scorer& operator=(scorer&&) noexcept;
    ~scorer();

    /// The hidden states after the final norm for every new token, rows in order: out [sum n_new, d_model].
    /// Errors: arg (id outside the vocabulary, position beyond context or cache), shape (size of out),
    /// no_memory. On error the caches hold what they held.
    status hidden(std::span<const batch_item> batch, std::span<float> out);

    /// Logits of rows of hidden(): out [n_rows, n_vocab]. Errors: shape, no_memory.
    status logits(std::span<const float> hidden_rows, std::span<float> out);

    const model& owner() const noexcept;

private:
    friend result<std::vector<attention_sums>> compare_attention(scorer& base, scorer& cand,
                                                                 std::span<const std::int32_t> tokens);
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Ok when both have the same layers and heads; else not_comparable.
status check_same_attention(const model_config& base, const model_config& cand);

/// How two models attend to one sequence, [n_layers, n_heads] sums over all its positions. A model beside
/// itself in the same mode has a KL of exactly 0; two near each other are told apart from about 1e-6 nats on.
/// Both run layer by layer, side by side, so nothing of the baseline is kept beyond a tile of a layer.
/// Same bits for every number of threads and every tier. Taps of the scorers do not see this run.
/// Memory: 2 * tokens * d_model floats, and what each scorer takes.
/// Errors: those of check_same_attention and scorer::hidden; arg (one scorer for both).
result<std::vector<attention_sums>> compare_attention(scorer& base, scorer& cand,
                                                      std::span<const std::int32_t> tokens);

/// The id of the largest logit, the lowest on ties.
std::int32_t argmax(std::span<const float> logits) noexcept;

}  // namespace qslip
