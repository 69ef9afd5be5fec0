#include "report/collect.hpp"
#include "report/fact_names.hpp"
#include "report/format.hpp"

namespace qslip::report {
namespace {

/// KL over the sample in one pair of modes.
fact sampled_facts(const std::string& of, const metrics::position_accumulator& seen,
                   const std::string& none_because) {
    const auto kl = seen.summary(metric::kl_fwd_nats);
    const auto known = [&](double x) { return kl ? std::optional(x) : std::nullopt; };
    fact out;
    out.set("of", of).set("mean", known(kl ? kl->mean : 0));
    out.set("q99", known(kl ? kl->quantiles->q99 : 0)).set("max", known(kl ? kl->quantiles->max : 0));
    out.set("unit", "nats").set("flips", seen.flips().flips()).set("n", seen.n_positions());
    if (!kl) out.set("reason", none_because);
    return out;
}

struct attention_column {
    const char* key;
    metrics::attention_quantity what;
};
constexpr attention_column attention_columns[] = {
    {"kl_nats", metrics::attention_quantity::kl_nats},
    {"entropy_base_nats", metrics::attention_quantity::entropy_base_nats},
    {"entropy_cand_nats", metrics::attention_quantity::entropy_cand_nats},
    {"sink_mass_base", metrics::attention_quantity::sink_mass_base},
    {"sink_mass_cand", metrics::attention_quantity::sink_mass_cand}};

fact head_facts(const metrics::attention_shift& seen, std::size_t layer, std::size_t head) {
    fact out;
    out.set("layer", layer).set("head", head);
    for (const auto& [key, what] : attention_columns) out.set(key, seen.mean(layer, head, what));
    return out;
}

fact::list all_heads(const metrics::attention_shift& seen) {
    fact::list heads;
    for (std::size_t layer = 0; layer < seen.n_layers(); ++layer)
        for (std::size_t head = 0; head < seen.n_heads(); ++head)
            heads.push_back(head_facts(seen, layer, head));
    return heads;
}

const fact& head_that_moved_most(const fact::list& heads) {
    const auto* most = &heads.front();
    for (const auto& head : heads)
        if (head["kl_nats"].number() > (*most)["kl_nats"].number()) most = &head;
    return *most;
}

}  // namespace

void describe_sample(const run_result& run, const candidate_result& c, fact& to) {
    const auto mode_base = *run.manifest.settings.mode_base;
    const std::string none = "no sampled position";
    const auto none_of = [&](const char* side, numerics mode) {
        return mode == numerics::f32 ? std::string(side) + " was run in F32: there is no rounding to measure"
                                     : none;
    };
    to.set(sample_names[0], sampled_facts("KL(base F32 || candidate F32)", c.sample.weights, none));
    to.set(sample_names[1], sampled_facts("KL(base F32 || candidate A8)", c.sample.deployed, none));
    to.set(sample_names[2], sampled_facts("KL(candidate F32 || candidate " + upper(c.mode) + ")",
                                          c.sample.floor, none_of("the candidate", c.mode)));
    to.set(sample_names[3], sampled_facts("KL(base F32 || base " + upper(mode_base) + ")",
                                          c.sample.base_floor, none_of("the base", mode_base)));
    to.set("resolution_nats", c.sample.resolution_nats());
}

void describe_attention(const metrics::attention_shift& seen, fact& to) {
    if (seen.n_positions() == 0) return;
    auto heads = all_heads(seen);
    const auto& most = head_that_moved_most(heads);
    fact out;
    out.set("n", seen.n_positions()).set("clipped", seen.n_clipped());
    for (const auto& [key, what] : attention_columns) out.set(key, seen.mean(what));
    out.set("max_kl_nats", most["kl_nats"]).set("max_layer", most["layer"]).set("max_head", most["head"]);
    to.set("attention", std::move(out.set("heads", std::move(heads))));
}

}  // namespace qslip::report
