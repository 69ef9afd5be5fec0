#pragma once

#include <qslip/detail/metrics/paired_outcome.hpp>
#include <qslip/detail/metrics/serialize.hpp>

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

inline constexpr std::size_t n_answer_levels = 5;

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

/// Expected number of attempts when each succeeds with probability `rate` in [0, 1] and at most `most` are
/// made: sum over i < most of (1 - rate)^i, in [1, most].
constexpr double expected_attempts(double rate, unsigned most) noexcept {
    double sum = 0, failed = 1;
    for (unsigned i = 0; i < most; ++i, failed *= 1 - rate) sum += failed;
    return sum;
}

/// Agreement on when to call a tool, the base's calls being the reference: F1 of `tool_called` in [0, 1],
/// higher is better; empty when neither side calls.
inline std::optional<double> trigger_f1(const outcome_counts& tool_called) noexcept {
    const auto calls = 2 * tool_called.n11 + tool_called.n01 + tool_called.n10;
    if (calls == 0) return std::nullopt;
    return 2 * static_cast<double>(tool_called.n11) / static_cast<double>(calls);
}

/// What the answers of one side that had to be JSON came to.
struct format_tally {
    std::array<std::uint64_t, n_answer_levels> by_level{};
    std::array<std::uint64_t, n_format_faults> faults{};  ///< an answer may have several
    std::uint64_t n_tried = 0;

    std::uint64_t n() const noexcept { return n_valid() + by_level[0] + by_level[1] + by_level[2]; }
    std::uint64_t n_valid() const noexcept { return by_level[3] + by_level[4]; }
    bool operator==(const format_tally&) const noexcept = default;
};

/// Format compliance of each side of one slice (docs/method.md 11). Merging in any order gives the same
/// bytes.
class format_counts {
public:
    static constexpr state_kind kind{7, 1, "format counts"};

    /// Counts only answers to requests that demanded JSON, so the same requests for both sides.
    void add(const structured_answer& base, const structured_answer& cand) noexcept {
        if (!base.demanded) return;
        add(sides_[0], base);
        add(sides_[1], cand);
    }
    void merge(const format_counts& other) noexcept {
        for (std::size_t s = 0; s < sides_.size(); ++s) merge(sides_[s], other.sides_[s]);
    }
    const format_tally& at(side which) const noexcept { return sides_[static_cast<std::size_t>(which)]; }
    bool operator==(const format_counts&) const noexcept = default;

    void save(byte_writer& out) const {
        for (const auto& tally : sides_) {
            for (const auto n : tally.by_level) out.u64(n);
            for (const auto n : tally.faults) out.u64(n);
            out.u64(tally.n_tried);
        }
    }
    void load(byte_reader& in) {
        for (auto& tally : sides_) {
            for (auto& n : tally.by_level) n = in.u64();
            for (auto& n : tally.faults) n = in.u64();
            tally.n_tried = in.u64();
        }
    }

private:
    static void add(format_tally& tally, const structured_answer& answer) noexcept {
        ++tally.by_level[answer.level];
        for (std::size_t i = 0; i < n_format_faults; ++i) tally.faults[i] += answer.faults >> i & 1u;
        tally.n_tried += answer.tried ? 1u : 0u;
    }
    static void merge(format_tally& to, const format_tally& from) noexcept {
        for (std::size_t i = 0; i < n_answer_levels; ++i) to.by_level[i] += from.by_level[i];
        for (std::size_t i = 0; i < n_format_faults; ++i) to.faults[i] += from.faults[i];
        to.n_tried += from.n_tried;
    }

    std::array<format_tally, 2> sides_;
};

}  // namespace qslip::metrics
