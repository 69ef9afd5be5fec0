// One program, both builds of the sweep: the kernels' here, the header's in the guest; the same bits.
#include <qslip/qslip.hpp>

#include <cstdio>
#include <type_traits>
#include <vector>

#include "guest.hpp"

static_assert(std::is_same_v<qslip::metrics::logit_kl, qslip::metrics::by_library::logit_kl>);

int main() {
    std::vector<float> base(5003), cand(5003);
    for (std::size_t i = 0; i < base.size(); ++i) {
        base[i] = static_cast<float>(i * i % 997) / 100.0F;
        cand[i] = base[i] + static_cast<float>(i % 13) / 50.0F;
    }
    qslip::metrics::logit_kl kl;
    kl.add(1, base, cand);
    std::printf("KL %.17g and %.17g nats\n", kl.mean_nats(), guest_kl_nats(base, cand));
    return kl.mean_nats() > 0 && kl.mean_nats() == guest_kl_nats(base, cand) ? 0 : 1;
}
