#include "eval/arms/capsule_arm.hpp"

#include <map>

namespace qslip {
namespace {

/// Items of the stored run are read from it; anything else, by the engine.
class capsule_reader final : public sequence_reader {
public:
    capsule_reader(const capsule::state& stored, const model& m, std::size_t max_cached_tokens)
        : stored_(stored), engine_(m, max_cached_tokens), d_model_(m.config().d_model) {}

    std::size_t n_vocab() const noexcept override { return engine_.n_vocab(); }
    status begin(std::size_t, std::span<const std::int32_t>, std::size_t) override { return {}; }
    result<const std::vector<std::int32_t>*> stored_answer(std::size_t id) override {
        auto& rows = items_[id];
        QSLIP_CHECK(stored_.read(id, rows));
        return &rows.targets;
    }
    status read(std::span<const reading> batch) override {
        from_engine_ = batch.empty() || batch.front().id == reading::unnamed;
        if (from_engine_) return engine_.read(batch);
        hidden_.clear();
        logits_.clear();
        for (const auto& r : batch) {
            const auto& rows = items_.at(r.id);
            hidden_.insert(hidden_.end(), rows.hidden.begin(), rows.hidden.end());
            logits_.insert(logits_.end(), rows.logits.begin(), rows.logits.end());
        }
        return {};
    }
    status logits(std::size_t first, std::size_t n, std::span<float> out) override {
        if (from_engine_) return engine_.logits(first, n, out);
        if (logits_.empty()) return engine_.head(hidden(first, n), out);
        const auto width =
            logits_.size() * d_model_ / hidden_.size();  // the tokenizer's: padded rows are cut
        for (std::size_t i = 0; i < n; ++i)
            std::ranges::copy(std::span(logits_).subspan((first + i) * width, width),
                              out.subspan(i * n_vocab()).begin());
        return {};
    }
    std::span<const float> hidden(std::size_t first, std::size_t n) const override {
        return from_engine_ ? engine_.hidden(first, n)
                            : std::span(hidden_).subspan(first * d_model_, n * d_model_);
    }
    status rewind(std::size_t, std::size_t) override {
        return {errc::unsupported, "a stored run cannot be rewound"};
    }
    void end(std::size_t id) noexcept override { items_.erase(id); }
    std::uint64_t forward_tokens() const noexcept override { return engine_.forward_tokens(); }

private:
    const capsule::state& stored_;
    engine_reader engine_;
    std::size_t d_model_;
    std::map<std::size_t, base_rows> items_;
    std::vector<float> hidden_, logits_;
    bool from_engine_ = false;
};

}  // namespace

result<std::unique_ptr<sequence_reader>> capsule_arm::open_reader(std::size_t max_cached_tokens,
                                                                  std::optional<numerics> mode) const {
    if (mode) return engine_.open_reader(max_cached_tokens, mode);
    return std::unique_ptr<sequence_reader>(
        std::make_unique<capsule_reader>(stored_, *engine_.engine(), max_cached_tokens));
}

}  // namespace qslip
