#include <qslip/detail/core/isa.hpp>
#include <qslip/detail/metrics/compare_position.hpp>
#include <qslip/detail/metrics/serialize.hpp>

#include <qslip.h>
#include <algorithm>
#include <mutex>
#include <span>

#include "capi_arguments.hpp"
#include "guard.hpp"
#include "kl_state.hpp"

using namespace qslip;
using namespace qslip::capi;

namespace {

using kl_ptr = std::shared_ptr<kl_state>;
using exclusive = std::unique_lock<std::shared_mutex>;
using shared = std::shared_lock<std::shared_mutex>;

/// The accumulator and, if nobody is in the way, the right to use it. Errors: handle, busy.
template <class Lock>
status acquire_kl(const qslip_kl* handle, const char* name, kl_ptr& object, Lock& lock) {
    QSLIP_CHECK(acquire(handle, handle_kind::kl, name, object));
    lock = Lock(object->gate(), std::try_to_lock);
    if (lock.owns_lock()) return {};
    return {errc::busy, std::string(name) + " is in use by another thread"};
}

/// Logits of one side: n_rows rows, `stride` floats from one to the next.
struct rows {
    const float* first;
    std::size_t stride;
};

status check_rows(const rows& r, const char* name, std::size_t n_rows, std::size_t n_vocab) {
    QSLIP_CHECK(required(r.first, name));
    QSLIP_CHECK(aligned(r.first, name));
    if (r.stride < n_vocab)
        return {errc::arg, std::string(name) + "_stride is " + std::to_string(r.stride) +
                               ", less than n_vocab = " + std::to_string(n_vocab)};
    constexpr std::size_t limit = PTRDIFF_MAX / sizeof(float);
    if (n_vocab <= limit && (n_rows == 1 || r.stride <= (limit - n_vocab) / (n_rows - 1))) return {};
    return {errc::arg, std::string(name) + " would be longer than the address space"};
}

metrics::position_accumulator compare_rows(std::uint64_t cluster, const rows& base, const rows& cand,
                                           std::size_t n_rows, std::size_t n_vocab) {
    metrics::position_accumulator part;
    for (std::size_t r = 0; r < n_rows; ++r)
        part.add(metrics::compare_position({base.first + r * base.stride, n_vocab},
                                           {cand.first + r * cand.stride, n_vocab}),
                 cluster);
    return part;
}

qslip_kl_summary summary_of(const metrics::position_accumulator& all, const metrics::metric_summary& kl) {
    const auto excluded = all.exclusions();
    qslip_kl_summary out = QSLIP_KL_SUMMARY_INIT;
    out.n_positions = kl.n;
    out.n_clusters = kl.n_clusters;
    out.mean_nats = kl.mean;
    out.has_bounds = kl.bounds ? 1 : 0;
    if (kl.bounds) out.lower_nats = kl.bounds->lower, out.upper_nats = kl.bounds->upper;
    if (kl.quantiles) {
        out.q50_nats = kl.quantiles->q50;
        out.q90_nats = kl.quantiles->q90;
        out.q99_nats = kl.quantiles->q99;
        out.max_nats = kl.quantiles->max;
    }
    out.n_compared = all.n_positions();
    out.n_top1_agree = all.n_positions() - all.flips().flips();
    out.n_support_mismatch = excluded[metrics::exclusion::support_mismatch];
    out.n_base_nonfinite = excluded[metrics::exclusion::base_nonfinite];
    out.n_cand_nonfinite = excluded[metrics::exclusion::cand_nonfinite];
    out.n_clipped = excluded[metrics::exclusion::clipped];
    return out;
}

}  // namespace

qslip_status qslip_kl_create(qslip_kl** kl, qslip_error* err) {
    return guard(err, [&]() -> status {
        QSLIP_CHECK(output(kl, "kl"));
        QSLIP_CHECK(resolve_isa({}).status());  // a wrong QSLIP_FORCE_ISA is said here
        return publish(handle_kind::kl, std::make_shared<kl_state>(), kl);
    });
}

qslip_status qslip_kl_add(qslip_kl* kl, uint64_t cluster, const float* base, size_t base_stride,
                          const float* cand, size_t cand_stride, size_t n_rows, size_t n_vocab,
                          qslip_error* err) {
    return guard(err, [&]() -> status {
        kl_ptr object;
        exclusive lock;
        QSLIP_CHECK(acquire_kl(kl, "kl", object, lock));
        if (n_rows == 0 || n_vocab == 0) return {errc::empty, "no logits to compare"};
        const rows p{base, base_stride}, q{cand, cand_stride};
        QSLIP_CHECK(check_rows(p, "base", n_rows, n_vocab));
        QSLIP_CHECK(check_rows(q, "cand", n_rows, n_vocab));
        return object->add(compare_rows(cluster, p, q, n_rows, n_vocab));
    });
}

qslip_status qslip_kl_merge(qslip_kl* kl, const qslip_kl* other, qslip_error* err) {
    return guard(err, [&]() -> status {
        kl_ptr to, from;
        exclusive to_lock;
        shared from_lock;
        QSLIP_CHECK(acquire_kl(kl, "kl", to, to_lock));
        if (kl == other) return {errc::arg, "an accumulator cannot be merged into itself"};
        QSLIP_CHECK(acquire_kl(other, "other", from, from_lock));
        return to->add(from->total());
    });
}

qslip_status qslip_kl_save(const qslip_kl* kl, void* state, size_t cap, size_t* written, qslip_error* err) {
    return guard(err, [&]() -> status {
        kl_ptr object;
        shared lock;
        QSLIP_CHECK(acquire_kl(kl, "kl", object, lock));
        auto* out = static_cast<std::byte*>(state);
        QSLIP_CHECK(output_buffer(out, cap, written, "state"));
        const auto bytes = metrics::to_bytes(object->total());
        QSLIP_CHECK(fits(bytes.size(), cap, written));
        std::copy(bytes.begin(), bytes.end(), out);
        *written = bytes.size();
        return {};
    });
}

qslip_status qslip_kl_restore(const void* state, size_t state_bytes, qslip_kl** kl, qslip_error* err) {
    return guard(err, [&]() -> status {
        const auto* in = static_cast<const std::byte*>(state);
        QSLIP_CHECK(required(in, "state"));
        QSLIP_CHECK(input_buffer(in, state_bytes, "state"));
        QSLIP_CHECK(output(kl, "kl"));
        QSLIP_TRY(auto stored, metrics::from_bytes<metrics::position_accumulator>({in, state_bytes}));
        QSLIP_CHECK(resolve_isa({}).status());  // a wrong QSLIP_FORCE_ISA is said here
        auto object = std::make_shared<kl_state>();
        QSLIP_CHECK(object->add(std::move(stored)));
        return publish(handle_kind::kl, std::move(object), kl);
    });
}

qslip_status qslip_kl_get_summary(const qslip_kl* kl, qslip_kl_summary* summary, qslip_error* err) {
    return guard(err, [&]() -> status {
        kl_ptr object;
        shared lock;
        QSLIP_CHECK(acquire_kl(kl, "kl", object, lock));
        QSLIP_CHECK(known_struct(summary, "summary"));
        const auto all = object->total();
        const auto mean = all.summary(metric::kl_fwd_nats);
        if (!mean) return {errc::empty, "no position with a finite KL yet"};
        fill(summary, summary_of(all, *mean));
        return {};
    });
}

qslip_status qslip_kl_destroy(qslip_kl* kl, qslip_error* err) {
    return guard(err, [&] { return destroy(kl, handle_kind::kl, "kl"); });
}
