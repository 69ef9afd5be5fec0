// Logits of any engine in, KL with its bounds and the flips by margin out. Headers only: link qslip::headers.
#include <qslip/metrics.hpp>

#include <cstdio>
#include <random>
#include <vector>

int main() {
    std::mt19937 random(42);  // stands in for two engines
    const auto uniform = [&] {
        return static_cast<float>(random()) / static_cast<float>(std::mt19937::max());
    };
    qslip::metrics::logit_kl kl;  // one per slice and thread; kl.merge(other)
    std::vector<float> base(1000), cand(1000);
    for (std::uint64_t prompt = 0; prompt < 50; ++prompt)
        for (int position = 0; position < 8; ++position) {
            for (std::size_t i = 0; i < base.size(); ++i) {
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
