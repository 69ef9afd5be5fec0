#pragma once
#include "eval/arms/engine_arm.hpp"
#include "eval/capsule_state.hpp"

namespace qslip {

/// A stored run of the base beside its model file, which makes logits of the stored states and is asked what
/// else it would have said.
class capsule_arm final : public arm {
public:
    capsule_arm(const capsule& stored, model m) : stored_(stored.internals()), engine_(std::move(m)) {}

    result<std::unique_ptr<sequence_reader>> open_reader(std::size_t max_cached_tokens,
                                                         std::optional<numerics> mode) const override;
    numerics mode() const noexcept override { return engine_.mode(); }
    std::uint64_t bytes_per_token() const noexcept override { return engine_.bytes_per_token(); }
    const model* engine() const noexcept override { return engine_.engine(); }

private:
    const capsule::state& stored_;
    engine_arm engine_;
};

}  // namespace qslip
