#pragma once
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/detail/metrics/paired_outcome.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>

namespace qslip::metrics {

/// The paired outcomes of one slice, by metric of use `outcome`. Merging in any order gives the same bytes.
class outcome_table {
public:
    static constexpr state_kind kind{6, 1, "outcome table"};

    /// A timeout, crash or empty answer is a "no" before it comes here.
    void add(metric which, std::uint64_t cluster, bool base, bool cand) {
        pairs_[which].add(cluster, base, cand);
    }
    void merge(const outcome_table& other) {
        for (const auto& [which, pair] : other.pairs_) pairs_[which].merge(pair);
    }
    /// Without rows where nothing was added.
    const paired_outcome& at(metric which) const noexcept {
        static const paired_outcome none;
        const auto found = pairs_.find(which);
        return found == pairs_.end() ? none : found->second;
    }
    bool operator==(const outcome_table&) const = default;

    /// Metrics go by name: a later list of them reads the same bytes.
    void save(byte_writer& out) const {
        out.u64(pairs_.size());
        for (const auto& [which, pair] : pairs_) {
            const auto id = info_of(which).id;
            out.u64(id.size());
            out.raw(std::as_bytes(std::span(id)));
            pair.save(out);
        }
    }
    void load(byte_reader& in) {
        pairs_.clear();
        const std::size_t n = in.count(16);
        for (std::size_t i = 0; in.ok() && i < n; ++i) {
            const auto which = load_metric(in);
            in.require(which && info_of(*which).use == metric_use::outcome && !pairs_.contains(*which));
            if (in.ok()) pairs_[*which].load(in);
        }
    }

private:
    static std::optional<metric> load_metric(byte_reader& in) {
        const auto bytes = in.raw(in.count(1));
        const auto found = find_metric({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        return found ? std::optional(found->which) : std::nullopt;
    }

    std::map<metric, paired_outcome> pairs_;
};

}  // namespace qslip::metrics
