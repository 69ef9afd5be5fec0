#pragma once
#include <qslip/detail/metrics/exclusion_counts.hpp>
#include <qslip/detail/stats/scores.hpp>
#include <qslip/registry.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace qslip {

enum class verdict {
#define QSLIP_VERDICT(id, name, exit_code) id,
#include <qslip/detail/gates/verdict.inc>
#undef QSLIP_VERDICT
};

enum class verdict_reason {
#define QSLIP_REASON(name, text, next_step) name,
#include <qslip/detail/gates/reason.inc>
#undef QSLIP_REASON
};

inline constexpr verdict all_verdicts[] = {
#define QSLIP_VERDICT(id, name, exit_code) verdict::id,
#include <qslip/detail/gates/verdict.inc>
#undef QSLIP_VERDICT
};
inline constexpr verdict_reason all_reasons[] = {
#define QSLIP_REASON(name, text, next_step) verdict_reason::name,
#include <qslip/detail/gates/reason.inc>
#undef QSLIP_REASON
};

constexpr const char* name_of(verdict v) {
    constexpr const char* names[] = {
#define QSLIP_VERDICT(id, name, exit_code) name,
#include <qslip/detail/gates/verdict.inc>
#undef QSLIP_VERDICT
    };
    return names[static_cast<int>(v)];
}
constexpr int exit_code_of(verdict v) {
    constexpr int codes[] = {
#define QSLIP_VERDICT(id, name, exit_code) exit_code,
#include <qslip/detail/gates/verdict.inc>
#undef QSLIP_VERDICT
    };
    return codes[static_cast<int>(v)];
}
constexpr const char* name_of(verdict_reason r) {
    constexpr const char* names[] = {
#define QSLIP_REASON(name, text, next_step) #name,
#include <qslip/detail/gates/reason.inc>
#undef QSLIP_REASON
    };
    return names[static_cast<int>(r)];
}
constexpr const char* text_of(verdict_reason r) {
    constexpr const char* texts[] = {
#define QSLIP_REASON(name, text, next_step) text,
#include <qslip/detail/gates/reason.inc>
#undef QSLIP_REASON
    };
    return texts[static_cast<int>(r)];
}
/// What settles it, as a sentence; empty when nothing is to be done.
constexpr const char* next_step_of(verdict_reason r) {
    constexpr const char* steps[] = {
#define QSLIP_REASON(name, text, next_step) next_step,
#include <qslip/detail/gates/reason.inc>
#undef QSLIP_REASON
    };
    return steps[static_cast<int>(r)];
}
/// One cluster of rows with a yes/no metric in both arms; n10: base yes, candidate no.
struct paired_rows {
    std::uint64_t id = 0;
    std::uint64_t n11 = 0;
    std::uint64_t n10 = 0;
    std::uint64_t n01 = 0;
    std::uint64_t n00 = 0;
};
struct paired_evidence {
    std::vector<paired_rows> clusters = {};
};

/// Paired scores of bounded range. Damage is base - candidate where a loss is damage, else the reverse.
struct score_evidence {
    std::vector<stats::score_cluster> damage = {};
    double width = 1;  ///< range of one arm's score
    std::optional<double> base_mean = {};
    std::optional<double> cand_mean = {};
    std::optional<double> base_right = {};  ///< rows the base gets right, in rows; empty: no floor rule
};

/// A displacement metric (KL, flips, entropy shift), larger meaning further from the base: may warn,
/// never decides (docs/method.md 4).
struct value_evidence {
    std::vector<stats::cluster_sum> clusters = {};
    bool is_rate = false;  ///< every row is 0 or 1
    /// What the metric's mean cannot leave: its bounds are cut to it.
    stats::interval range{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
};

/// The base against itself.
struct aa_record {
    std::uint64_t n = 0;
    std::uint64_t newly_broken = 0;
    std::uint64_t newly_fixed = 0;
};

/// Whether what a cell is measured against still holds for the candidate (docs/method.md 8).
enum class anchor_state { verified, labels, judge, detector };

/// A (slice, metric) pair with what it may cost and what was seen.
struct cell_input {
    cell_plan plan = {};        ///< from the registry, the slice "*" resolved
    unsigned n_candidates = 1;  ///< compared with one base: PASS uses alpha / n_candidates

    std::variant<paired_evidence, score_evidence, value_evidence> evidence = {};
    metrics::exclusion_counts exclusions = {};
    std::vector<std::string> mismatched_fields = {};  ///< any: NOT_COMPARABLE
    anchor_state anchor = anchor_state::verified;
    bool engine_deterministic = true;  ///< declared, and a hash of probe logits agrees
    std::optional<aa_record> aa = {};  ///< needed unless the engine is deterministic
};

/// What is told about a cell (docs/method.md 8). Rates and damages in the metric's unit; absent
/// numbers have no value, never 0.
struct cell_report {
    std::string slice;
    std::string metric;
    cell_role role = cell_role::gate;
    damage_direction direction = damage_direction::loss;
    verdict state = verdict::inconclusive;
    verdict_reason why = verdict_reason::coverage;
    std::vector<std::string> mismatched_fields;
    bool anchor_unverified = false;  ///< a FAIL whose anchor nobody audited
    bool degraded_within_budget = false;
    bool tripped = false;           ///< of a tripwire
    bool below_resolution = false;  ///< of a distance: the rounding of activations could have made it
    bool rerun_f32 = false;         ///< below the resolution, so these numbers are of a run in F32

    std::optional<double> base, cand, delta;  ///< delta: damage; of a displacement metric its mean
    std::optional<double> lower, upper;       ///< the bounds the verdict used
    std::optional<stats::interval> base_bounds, cand_bounds;  ///< of paired answers: each arm's own rate
    double budget = 0;                                        ///< of a tripwire its limit

    double alpha_pass = 0, alpha_fail = 0;  ///< after looks and candidates
    std::uint64_t n = 0, clusters = 0;
    std::uint64_t newly_broken = 0, newly_fixed = 0;  ///< of paired answers: damage, and the reverse
    double effective_clusters = 0;                    ///< as many of equal size would tell as much
    double design_effect = 1;                         ///< rows that tell as much as one independent row
    std::optional<double> p_pass, p_fail, p_fail_adjusted;
    std::optional<double> p_damage;  ///< mid-p of "any damage at all"; never decides
    std::optional<double> aa_detectable_effect;
    std::optional<double> detectable_effect;
    std::optional<double> n_needed;           ///< rows, at no damage; none when no n suffices
    std::optional<double> n_needed_observed;  ///< rows, at delta; none when delta >= budget
    std::string interval_method;
    metrics::exclusion_counts exclusions;
};

/// The state a reader sees: of a gate or guard its verdict, of a tripwire QUIET or TRIPPED, of an info cell
/// INFO. Logits that are not finite and sides that may not be compared show through.
constexpr const char* state_name(const cell_report& cell) {
    const bool speaks = cell.state == verdict::fail || cell.state == verdict::not_comparable;
    if (decides(cell.role) || speaks) return name_of(cell.state);
    if (cell.role == cell_role::info) return "INFO";
    return cell.tripped ? "TRIPPED" : "QUIET";
}

}  // namespace qslip
