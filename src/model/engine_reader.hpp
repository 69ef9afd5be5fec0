#pragma once
#include <qslip/model.hpp>

#include <map>
#include <vector>

#include "model/sequence_reader.hpp"

namespace qslip {

/// The engine as a reader. A beginning that several sequences share is computed once: by those read together,
/// and by one that ended and the next. Memory: `max_cached_tokens` of keys and values, and the rows of one
/// read().
class engine_reader final : public sequence_reader {
public:
    /// `m` must be loaded.
    engine_reader(const model& m, std::size_t max_cached_tokens, unsigned n_threads = 1)
        : engine_(m, nullptr, n_threads), max_cached_tokens_(max_cached_tokens) {}

    std::size_t n_vocab() const noexcept override { return config().n_vocab; }
    status begin(std::size_t id, std::span<const std::int32_t> prompt, std::size_t room) override;
    status read(std::span<const reading> batch) override;
    status logits(std::size_t first, std::size_t n, std::span<float> out) override;
    std::span<const float> hidden(std::size_t first, std::size_t n) const override;
    status rewind(std::size_t id, std::size_t n_tokens) override;
    void end(std::size_t id) noexcept override;
    std::uint64_t forward_tokens() const noexcept override { return forward_tokens_; }

    /// Logits of hidden states that this model made before, out [n, n_vocab()].
    status head(std::span<const float> hidden_rows, std::span<float> out) {
        return engine_.logits(hidden_rows, out);
    }
    const model_config& config() const noexcept { return engine_.owner().config(); }

private:
    struct slot {
        kv_cache cache;
        std::vector<std::int32_t> tokens;  ///< what the cache holds
    };
    using slots = std::vector<slot>;
    /// New sequences that begin alike.
    struct family {
        std::span<const std::int32_t> shared;
        std::vector<slot*> members;
    };

    std::size_t cached_tokens() const noexcept;
    slots::iterator best_idle(std::span<const std::int32_t> prompt, std::size_t min_room);
    result<slot> make_slot(std::span<const std::int32_t> prompt, std::size_t room);
    std::vector<family> families_of(std::span<const reading> batch);
    status share_beginnings(std::span<const reading> batch);
    status forward(std::span<const batch_item> batch);
    void keep_wanted(std::span<const reading> batch, std::span<const batch_item> read);

    scorer engine_;
    std::size_t max_cached_tokens_;
    std::map<std::size_t, slot> live_;
    slots idle_;  ///< of sequences that ended, the latest last
    std::vector<float> hidden_;
    std::uint64_t forward_tokens_ = 0;
};

}  // namespace qslip
