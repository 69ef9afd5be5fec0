#pragma once
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/detail/metrics/paired_outcome.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace qslip::metrics {

enum class format_fault : std::uint8_t {
#define QSLIP_FORMAT_FAULT(id, text) id,
#include <qslip/detail/metrics/format_fault.inc>
#undef QSLIP_FORMAT_FAULT
};
inline constexpr std::string_view format_fault_ids[] = {
#define QSLIP_FORMAT_FAULT(id, text) #id,
#include <qslip/detail/metrics/format_fault.inc>
#undef QSLIP_FORMAT_FAULT
};
inline constexpr std::size_t n_format_faults = sizeof format_fault_ids / sizeof format_fault_ids[0];

/// How far one answer came. Levels: 0 no JSON value, 1 one can be taken out of the text, 2 the whole answer
/// is JSON, 3 it satisfies its schema, 4 its required values are right.
struct structured_answer {
    bool demanded = false;     ///< the request asked for JSON; else only `called` counts
    std::uint8_t level = 0;    ///< 0..4
    bool tried = false;        ///< it holds JSON or begins some
    bool may_call = false;     ///< the request offered tools
    bool called = false;       ///< the answer calls one
    std::uint32_t faults = 0;  ///< bit i: format_fault i, each at most once an answer

    void note(format_fault f) noexcept { faults |= 1u << static_cast<unsigned>(f); }
    bool valid() const noexcept { return level >= 3; }
};

/// Yes/no facts of a structured answer, each paired between base and candidate.
enum class structured_rate : std::uint8_t {
    extractable,
    parses,
    valid,
    values,
    valid_if_tried,
    called,
    count_
};

/// The rate behind a metric id; empty for metrics of other kinds.
constexpr std::optional<structured_rate> structured_rate_of(metric m) noexcept {
    switch (m) {
        case metric::json_extractable: return structured_rate::extractable;
        case metric::json_parses: return structured_rate::parses;
        case metric::json_valid: return structured_rate::valid;
        case metric::json_values: return structured_rate::values;
        case metric::json_valid_if_tried: return structured_rate::valid_if_tried;
        case metric::tool_called: return structured_rate::called;
        default: return std::nullopt;
    }
}

/// Expected number of attempts when each succeeds with probability `rate` in [0, 1] and at most `most` are
/// made: sum over i < most of (1 - rate)^i, in [1, most].
constexpr double expected_attempts(double rate, unsigned most) noexcept {
    double sum = 0, failed = 1;
    for (unsigned i = 0; i < most; ++i, failed *= 1 - rate) sum += failed;
    return sum;
}

/// Agreement on when to call a tool, the base's calls being the reference. F1 in [0, 1], higher is better;
/// empty when neither arm calls.
struct trigger_agreement {
    std::uint64_t both = 0, cand_only = 0, base_only = 0, neither = 0;
    std::optional<double> f1() const noexcept {
        const auto n = 2 * both + cand_only + base_only;
        return n == 0 ? std::nullopt : std::optional(2 * static_cast<double>(both) / static_cast<double>(n));
    }
};

/// Format compliance of one slice: metrics.md 6. Integer state, so merging in any order gives the same
/// bytes. Better: higher rates. Rates count all answers that had to be JSON; valid_if_tried only those where
/// both arms tried; called those that offered tools.
class structured_output {
public:
    static constexpr std::size_t n_rates = static_cast<std::size_t>(structured_rate::count_);

    /// One arm on its own.
    struct arm {
        std::uint64_t n = 0, n_tried = 0;
        std::array<std::uint64_t, 5> by_level{};
        std::array<std::uint64_t, n_format_faults> faults{};  ///< an answer may have several
        bool operator==(const arm&) const noexcept = default;
    };

    void add(std::uint64_t cluster, const structured_answer& base, const structured_answer& cand) {
        if (base.demanded) add_levels(cluster, base, cand);
        if (base.may_call) at(structured_rate::called).add(cluster, base.called, cand.called);
    }
    void merge(const structured_output& other) {
        for (std::size_t i = 0; i < n_rates; ++i) pairs_[i].merge(other.pairs_[i]);
        merge_arm(base_, other.base_);
        merge_arm(cand_, other.cand_);
    }

    const paired_outcome& pair(structured_rate r) const noexcept {
        return pairs_[static_cast<std::size_t>(r)];
    }
    const arm& base() const noexcept { return base_; }
    const arm& cand() const noexcept { return cand_; }
    bool empty() const noexcept { return base_.n == 0 && pair(structured_rate::called).total().n() == 0; }
    trigger_agreement triggers() const noexcept {
        const auto& k = pair(structured_rate::called).total();
        return {k.n11, k.n01, k.n10, k.n00};
    }
    bool operator==(const structured_output&) const = default;

    void save(byte_writer& out) const {
        for (const auto& p : pairs_) p.save(out);
        for (const auto* a : {&base_, &cand_}) {
            out.u64(a->n);
            out.u64(a->n_tried);
            for (const auto n : a->by_level) out.u64(n);
            for (const auto n : a->faults) out.u64(n);
        }
    }
    void load(byte_reader& in) {
        for (auto& p : pairs_) p.load(in);
        for (auto* a : {&base_, &cand_}) {
            a->n = in.u64();
            a->n_tried = in.u64();
            for (auto& n : a->by_level) n = in.u64();
            for (auto& n : a->faults) n = in.u64();
        }
    }

private:
    paired_outcome& at(structured_rate r) noexcept { return pairs_[static_cast<std::size_t>(r)]; }
    void add_levels(std::uint64_t cluster, const structured_answer& base, const structured_answer& cand) {
        constexpr structured_rate ladder[] = {structured_rate::extractable, structured_rate::parses,
                                              structured_rate::valid, structured_rate::values};
        for (std::uint8_t i = 0; i < 4; ++i) at(ladder[i]).add(cluster, base.level > i, cand.level > i);
        if (base.tried && cand.tried)
            at(structured_rate::valid_if_tried).add(cluster, base.valid(), cand.valid());
        count(base_, base);
        count(cand_, cand);
    }
    static void count(arm& a, const structured_answer& x) noexcept {
        ++a.n;
        a.n_tried += x.tried ? 1u : 0u;
        ++a.by_level[x.level];
        for (std::size_t i = 0; i < n_format_faults; ++i) a.faults[i] += x.faults >> i & 1u;
    }
    static void merge_arm(arm& a, const arm& b) noexcept {
        a.n += b.n;
        a.n_tried += b.n_tried;
        for (std::size_t i = 0; i < a.by_level.size(); ++i) a.by_level[i] += b.by_level[i];
        for (std::size_t i = 0; i < n_format_faults; ++i) a.faults[i] += b.faults[i];
    }

    std::array<paired_outcome, n_rates> pairs_;
    arm base_, cand_;
};

}  // namespace qslip::metrics
