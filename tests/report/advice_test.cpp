// Each state says why in one sentence and what would settle it in one more, and the two agree.
#include <qslip/report.hpp>

#include <doctest/doctest.h>

#include "report/advice.hpp"

using namespace qslip;

namespace {

/// A gate on `n` answers of which the base gets `base_right`, the candidate loses `n_lost`; budget 5 points.
report::advice advice_on(std::uint64_t n, std::uint64_t base_right, std::uint64_t n_lost) {
    cell_input cell;
    cell.plan = {"math", "task_correct", cell_role::gate, {.budget = 0.05}, 0};
    paired_evidence answers;
    for (std::uint64_t i = 0; i < n; ++i) {
        paired_rows row{i, 0, 0, 0, 0};
        ++(i < n_lost ? row.n10 : i < base_right ? row.n11 : row.n00);
        answers.clusters.push_back(row);
    }
    cell.evidence = answers;
    const auto release = decide_release(std::span(&cell, 1));
    REQUIRE(release.ok());
    return report::advice_on(release->cells.front());
}

bool mentions(const std::string& text, const char* what) { return text.find(what) != text.npos; }

}  // namespace

TEST_CASE("two answers, both right: too few answers, not too few that the base gets right") {
    const auto a = advice_on(2, 2, 0);
    CHECK(a.why == "n = 2 is too few for a budget of 5.0 points.");
    CHECK(a.next_step == "Use 59 answers in all if the candidate is unharmed.");
}

TEST_CASE("a base that gets nothing right needs an easier task: no number of answers is named") {
    const auto a = advice_on(200, 4, 0);
    CHECK(a.why == "The base gets too little right for damage to show.");
    CHECK(a.next_step == "Give this slice an easier task: more prompts do not help.");
}

TEST_CASE("damage as large as the budget: more answers are named for an unharmed candidate only") {
    const auto a = advice_on(40, 40, 2);
    CHECK(mentions(a.why, "n = 40 is too few"));
    CHECK(
        mentions(a.next_step, "answers in all if the candidate is unharmed; the damage seen does not pass"));
}

TEST_CASE("enough answers, but close to the budget: the number is the one the damage seen needs") {
    const auto a = advice_on(600, 600, 24);
    CHECK(a.why == "The damage seen is too close to the budget of 5.0 points.");
    CHECK(mentions(a.next_step, "Use "));
    CHECK_FALSE(mentions(a.next_step, "unharmed"));
}

TEST_CASE("no answers: add prompts, by the name of the slice") {
    const auto a = advice_on(0, 0, 0);
    CHECK(a.why == "The run has no data for this cell.");
    CHECK(a.next_step == "Add prompts of slice math, or take the cell out of the registry.");
}

TEST_CASE("every reason has a sentence; those that leave something to do have one next step") {
    for (const auto why : all_reasons) {
        CAPTURE(name_of(why));
        CHECK(std::string(text_of(why)).ends_with("."));
        const std::string step = next_step_of(why);
        const bool settled = why == verdict_reason::clean || why == verdict_reason::degraded ||
                             why == verdict_reason::quiet || why == verdict_reason::info;
        CHECK(step.empty() == settled);
        CHECK((step.empty() || step.ends_with(".")));
    }
}
