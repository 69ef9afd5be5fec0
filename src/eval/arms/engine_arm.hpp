#pragma once
#include <algorithm>

#include "eval/arms/arm.hpp"
#include "model/engine_reader.hpp"

namespace qslip {

/// A model that this library runs. It is loaded before the first reader is opened.
class engine_arm final : public arm {
public:
    explicit engine_arm(model m) : model_(std::move(m)) {}

    result<std::unique_ptr<sequence_reader>> open_reader(std::size_t max_cached_tokens,
                                                         std::optional<numerics> mode) const override {
        const auto m = mode ? model_.with_mode(*mode) : model_;
        return std::unique_ptr<sequence_reader>(std::make_unique<engine_reader>(m, max_cached_tokens));
    }
    numerics mode() const noexcept override { return model_.mode(); }
    std::uint64_t bytes_per_token() const noexcept override {
        constexpr std::size_t many = 1024;  // a cache grows in tiles
        return std::max<std::uint64_t>(1, kv_cache::bytes_for(model_.config(), many) / many);
    }
    const model* engine() const noexcept override { return &model_; }

private:
    model model_;
};

}  // namespace qslip
