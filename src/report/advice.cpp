#include "report/advice.hpp"
#include <qslip/detail/core/text.hpp>

#include <algorithm>
#include <cmath>

#include "report/format.hpp"

namespace qslip::report {
namespace {

constexpr double min_right = 10, min_effective_clusters = 30;  // docs/decisions/statistics.md

std::string answers(double n) {
    constexpr double too_many = 1e15;
    return n < too_many ? grouped(static_cast<std::uint64_t>(std::ceil(n))) : significant(n, 2);
}

/// Share of the answers that damage could take away.
double base_right_rate(const cell_report& c) {
    const double yes = c.base.value_or(0);
    return c.direction == damage_direction::loss ? yes : 1 - yes;
}

/// Answers with which an unharmed candidate passes; infinite when no number does.
double n_if_unharmed(const cell_report& c) {
    if (!c.n_needed || c.n == 0) return INFINITY;
    const double n = static_cast<double>(c.n);
    return std::max({*c.n_needed, std::ceil(min_right / base_right_rate(c)),
                     std::ceil(min_effective_clusters * n / c.effective_clusters)});
}

std::string budget_points(const cell_report& c) { return fixed(100 * c.budget, 1) + " points"; }

/// More answers settle it: how many.
advice more_answers(const cell_report& c, double unharmed) {
    advice a{"n = " + grouped(c.n) + " is too few for a budget of " + budget_points(c) + ".",
             "Use " + answers(unharmed) + " answers in all if the candidate is unharmed"};
    if (c.delta.value_or(0) <= 0) return {a.why, a.next_step + "."};
    if (!c.n_needed_observed)
        return {a.why, a.next_step + "; the damage seen does not pass with any number."};
    return {a.why, a.next_step + ", " + answers(std::max(unharmed, *c.n_needed_observed)) +
                       " if the damage seen is real."};
}

/// There are enough answers for an unharmed candidate.
advice close_to_budget(const cell_report& c) {
    const std::string why = "The damage seen is too close to the budget of " + budget_points(c) + ".";
    if (!c.n_needed_observed)
        return {why,
                "Take a wider budget or another candidate: the damage seen does not pass with any number "
                "of answers."};
    return {why, "Use " + answers(*c.n_needed_observed) + " answers in all."};
}

advice too_few_answers(const cell_report& c) {
    const double unharmed = n_if_unharmed(c);
    if (!std::isfinite(unharmed))
        return {"The answers vary too much for a budget of " + budget_points(c) + ".",
                "Take a wider budget: no number of answers is enough."};
    return unharmed > static_cast<double>(c.n) ? more_answers(c, unharmed) : close_to_budget(c);
}

advice as_listed(verdict_reason why) { return {text_of(why), next_step_of(why)}; }

advice base_gets_little_right(const cell_report& c) {
    const bool rate_is_enough = base_right_rate(c) >= 2 * c.budget;
    return rate_is_enough ? too_few_answers(c) : as_listed(c.why);
}

}  // namespace

advice advice_on(const cell_report& c) {
    switch (c.why) {
        case verdict_reason::coverage:
            if (c.n > 0) return as_listed(c.why);
            return {"The run has no data for this cell.",
                    "Add prompts of slice " + escaped(c.slice) + ", or take the cell out of the registry."};
        case verdict_reason::floor_effect: return base_gets_little_right(c);
        case verdict_reason::underpowered:
        case verdict_reason::borderline: return too_few_answers(c);
        default: return as_listed(c.why);
    }
}

}  // namespace qslip::report
