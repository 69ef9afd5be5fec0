#include "guest.hpp"

#include <qslip/metrics.hpp>

#include <type_traits>

static_assert(std::is_same_v<qslip::metrics::logit_kl, qslip::metrics::by_header::logit_kl>);

double guest_kl_nats(std::span<const float> base, std::span<const float> cand) {
    qslip::metrics::logit_kl kl;
    kl.add(1, base, cand);
    return kl.mean_nats();
}
