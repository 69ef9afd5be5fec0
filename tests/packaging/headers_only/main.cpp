// Metrics and statistics without a library, without exceptions, without RTTI.
#include <qslip/metrics.hpp>
#include <qslip/stats.hpp>

#include <cstdio>

int main() {
    const float base[] = {1, 2, 3}, cand[] = {1, 2, 3.5F};
    qslip::metrics::logit_kl kl, other;
    for (std::uint64_t prompt = 0; prompt < 4; ++prompt) kl.add(prompt, base, cand);
    other.add(9, base, base);
    kl.merge(other);
    std::printf("%.4f nats [%.4f, %.4f]\n", kl.mean_nats(), kl.bounds().lower, kl.bounds().upper);
    return kl.n() == 5 && kl.mean_nats() > 0 ? 0 : 1;
}
