#include <string>
#include <utility>

#include "model/scorer_impl.hpp"

namespace qslip {

namespace {

std::string described(const model_config& c) {
    return std::to_string(c.n_layers) + " layers of " + std::to_string(c.n_heads) + " heads of " +
           std::to_string(c.head_dim) + ", " + std::to_string(c.n_kv_heads) + " for keys";
}

}  // namespace

status check_same_attention(const model_config& base, const model_config& cand) {
    const auto of_base = described(base), of_cand = described(cand);
    if (of_base == of_cand) return {};
    return {errc::not_comparable, "attention differs in shape: " + of_base + "; " + of_cand};
}

/// Puts another tap, and a baseline, into a scorer for a while.
class scorer::impl::tapped_run {
public:
    tapped_run(impl& engine, impl* base, std::span<double> kl_sum_nats)
        : engine_(engine), outer_(std::exchange(engine.tap, &tap)) {
        tap.resize(engine.config());
        engine.base = base;
        engine.kl_sum_nats = kl_sum_nats;
    }
    tapped_run(const tapped_run&) = delete;
    ~tapped_run() {
        engine_.tap = outer_;
        engine_.base = nullptr;
    }
    attention_tap tap;

private:
    impl& engine_;
    attention_tap* outer_;
};

result<std::vector<attention_sums>> compare_attention(scorer& base, scorer& cand,
                                                      std::span<const std::int32_t> tokens) {
    scorer::impl* const arms[] = {base.impl_.get(), cand.impl_.get()};
    if (arms[0] == arms[1]) return status(errc::arg, "two scorers are needed");
    const model_config& c = arms[0]->config();
    QSLIP_CHECK(check_same_attention(c, arms[1]->config()));
    std::vector<double> kl_sum_nats(c.n_layers * c.n_heads);
    const scorer::impl::tapped_run of_base(*arms[0], nullptr, {}), of_cand(*arms[1], arms[0], kl_sum_nats);
    const batch_item item{tokens};
    std::vector<float> x[2];
    batch_plan plan;  // of both: it depends on nothing of the model
    for (int i = 0; i < 2; ++i) {
        x[i].resize(tokens.size() * arms[i]->config().d_model);
        QSLIP_TRY(plan, arms[i]->start({&item, 1}, x[i]));
    }
    for (std::size_t layer = 0; layer < c.n_layers; ++layer)
        for (const row_tile& tile : plan.tiles)
            for (int i = 0; i < 2; ++i) {
                float* rows = x[i].data() + tile.first_row * arms[i]->config().d_model;
                arms[i]->team.run([&](unsigned part) {
                    arms[i]->add_layer({plan, tile, {&item, 1}, layer, rows, part});
                });
            }
    std::vector<attention_sums> out(kl_sum_nats.size());
    for (std::size_t h = 0; h < out.size(); ++h)
        out[h] =
            attention_sums{kl_sum_nats[h], of_base.tap.entropy_sum_nats[h], of_cand.tap.entropy_sum_nats[h],
                           of_base.tap.sink_mass_sum[h], of_cand.tap.sink_mass_sum[h]};
    return out;
}

}  // namespace qslip
