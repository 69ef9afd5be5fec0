#pragma once
#include <qslip/core/result.hpp>
#include <qslip/model/config.hpp>
#include <qslip/model/kv_cache.hpp>
#include <qslip/model/model.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace qslip {

/// New tokens of one sequence. They follow what `cache` holds and are added to it; without a cache the
/// sequence starts at position 0 and its keys and values live for one layer only. One item per cache.
struct batch_item {
    std::span<const std::int32_t> tokens;
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
