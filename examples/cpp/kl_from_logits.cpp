// Logits of any engine in, KL with its bounds and the flips by margin out. Headers only: link qslip::headers.
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/metrics/logit_kl.hpp>

#include <cstdio>
#include <vector>

int main() {
    constexpr std::size_t n_vocab = 1000;
    const qslip::counter_rng random(42);  // stands in for two engines
    std::uint64_t draw = 0;
    const auto uniform = [&] { return static_cast<float>(random.at(draw++) >> 40) / 16777216.0F; };
    qslip::metrics::logit_kl kl;  // one per slice and thread; kl.merge(other)
    std::vector<float> base(n_vocab), cand(n_vocab);
    for (std::uint64_t prompt = 0; prompt < 50; ++prompt)
        for (int position = 0; position < 8; ++position) {
            for (std::size_t i = 0; i < n_vocab; ++i) {
                base[i] = 8 * uniform();
                cand[i] = base[i] + 0.3F * (uniform() - 0.5F);
            }
            kl.add(prompt, base, cand);
        }
    const auto bounds = kl.bounds();
    std::printf("kl_fwd_nats %.5f [%.5f, %.5f] over %llu positions\n", kl.mean_nats(), bounds.lower,
                bounds.upper, static_cast<unsigned long long>(kl.n()));
    for (const auto& bin : kl.positions().flips().bins())
        if (bin.n > 0)
            std::printf("margin %4.2f to %4.2f nats: %3llu of %3llu flipped\n", bin.lo_nats, bin.hi_nats,
                        static_cast<unsigned long long>(bin.flips), static_cast<unsigned long long>(bin.n));
    return kl.n() == 400 && kl.mean_nats() > 0 ? 0 : 1;
}
