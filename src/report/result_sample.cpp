#include "report/format.hpp"
#include "report/result_parts.hpp"

namespace qslip::report {
namespace {

/// KL over the sample in one pair of modes.
void write_sampled(json_writer& w, const char* key, const std::string& what,
                   const metrics::position_accumulator& seen, const std::string& none_because) {
    w.key(key).begin_object().member("of", what);
    const auto kl = seen.summary(metric::kl_fwd_nats);
    optional_member(w, "mean", kl ? std::optional(kl->mean) : std::nullopt);
    optional_member(w, "q99", kl ? std::optional(kl->quantiles->q99) : std::nullopt);
    optional_member(w, "max", kl ? std::optional(kl->quantiles->max) : std::nullopt);
    w.member("unit", "nats").member("flips", seen.flips().flips()).member("n", seen.n_positions());
    if (!kl) w.member("reason", none_because);
    w.end_object();
}

}  // namespace

void write_sample(json_writer& w, const run_result& run, const candidate_result& c) {
    const auto mode_base = *run.manifest.settings.mode_base;
    const auto none_of = [](const char* side, numerics mode) {
        return mode == numerics::f32 ? std::string(side) + " was run in F32: there is no rounding to measure"
                                     : std::string("no sampled position");
    };
    write_sampled(w, "weight_slippage", "KL(base F32 || candidate F32)", c.sample.weights,
                  "no sampled position");
    write_sampled(w, "deployed_slippage", "KL(base F32 || candidate A8)", c.sample.deployed,
                  "no sampled position");
    write_sampled(w, "kernel_floor", "KL(candidate F32 || candidate " + upper(c.mode) + ")", c.sample.floor,
                  none_of("the candidate", c.mode));
    write_sampled(w, "kernel_floor_base", "KL(base F32 || base " + upper(mode_base) + ")",
                  c.sample.base_floor, none_of("the base", mode_base));
    optional_member(w, "resolution_nats", c.sample.resolution_nats());
}

}  // namespace qslip::report
