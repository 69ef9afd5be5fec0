#pragma once
#include <qslip/detail/metrics/position_metrics.hpp>

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace qslip::capi {

/// An accumulator that a failed allocation cannot spoil: new positions arrive as a part of their own, and
/// parts are joined like the digits of a binary counter, each sum finished before anything is replaced.
/// Costs O(log n) merges per part; merging is exact, so the grouping leaves no trace in the total.
class kl_state {
public:
    /// Errors: limit (clusters). Whatever fails, the state is as before.
    status add(metrics::position_accumulator part) {
        std::uint64_t clusters_at_most = part.n_clusters();
        for (const auto& digit : digits_) clusters_at_most += digit ? digit->n_clusters() : 0;
        if (clusters_at_most > max_clusters) return add_counted(std::move(part));
        std::size_t i = 0;
        for (; i < digits_.size() && digits_[i]; ++i) part.merge(*digits_[i]);
        if (i == digits_.size()) digits_.emplace_back();
        digits_[i] = std::move(part);
        while (i > 0) digits_[--i].reset();
        return {};
    }

    metrics::position_accumulator total() const {
        metrics::position_accumulator sum;
        for (const auto& digit : digits_)
            if (digit) sum.merge(*digit);
        return sum;
    }

    /// Held by whoever uses the state; never waited for.
    std::shared_mutex& gate() { return gate_; }

private:
    static constexpr std::uint64_t max_clusters = 1'000'000;

    /// Near the limit only the exact number of clusters tells.
    status add_counted(metrics::position_accumulator part) {
        part.merge(total());
        if (part.n_clusters() > max_clusters) return {errc::limit, "more than 1,000,000 clusters"};
        std::vector<std::optional<metrics::position_accumulator>> joined(1);
        joined[0] = std::move(part);
        digits_ = std::move(joined);
        return {};
    }

    std::vector<std::optional<metrics::position_accumulator>> digits_;
    std::shared_mutex gate_;
};

}  // namespace qslip::capi
