// Your own engine ran both models: its answers give a verdict, its logits how far the candidate has moved.
// Headers only: link qslip::headers.
#include <qslip/gates.hpp>
#include <qslip/metrics.hpp>

#include <cstdio>
#include <random>
#include <vector>

namespace {

/// Stands in for an engine: one prompt's next-token logits from both models, and whether each answer was
/// right.
struct answered_prompt {
    std::vector<float> base_logits, cand_logits;
    bool base_right, cand_right;
};

answered_prompt run_both(std::uint64_t prompt) {
    std::mt19937 random(static_cast<std::mt19937::result_type>(prompt));
    const auto noise = [&](float width) {
        return width * (static_cast<float>(random()) / static_cast<float>(std::mt19937::max()) - 0.5F);
    };
    answered_prompt out{std::vector<float>(1000), std::vector<float>(1000), prompt % 10 != 0,
                        prompt % 9 != 0};
    for (std::size_t token = 0; token < 1000; ++token) {
        out.base_logits[token] = noise(16);
        out.cand_logits[token] = out.base_logits[token] + noise(0.3F);
    }
    return out;
}

}  // namespace

int main() {
    qslip::metrics::logit_kl kl;
    qslip::metrics::paired_outcome answers;
    for (std::uint64_t prompt = 0; prompt < 300; ++prompt) {
        const auto seen = run_both(prompt);
        kl.add(prompt, seen.base_logits, seen.cand_logits);
        answers.add(prompt, seen.base_right, seen.cand_right);
    }
    const auto bounds = kl.bounds();
    std::printf("KL %.5f nats [%.5f, %.5f]\n", kl.mean_nats(), bounds.lower, bounds.upper);

    const auto verdict = qslip::gate(answers, {.budget = 0.10});  // 10 points of accuracy may be lost
    if (!verdict) return std::fprintf(stderr, "%s\n", verdict.status().message()), 2;
    std::printf("accuracy %.1f %% -> %.1f %%, loss %+.1f points [%+.1f, %+.1f]: %s (%s)\n",
                100 * *verdict->base, 100 * *verdict->cand, 100 * *verdict->delta, 100 * *verdict->lower,
                100 * *verdict->upper, name_of(verdict->state), text_of(verdict->why));
    return qslip::exit_code_of(verdict->state);
}
