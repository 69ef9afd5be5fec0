// One 2x2 table of paired answers gives a verdict: the golden case of 200 prompts, 9 newly wrong, 2 newly
// right.
#include <qslip/gates.hpp>

#include <doctest/doctest.h>

using qslip::verdict;

static qslip::metrics::paired_outcome golden_answers() {
    qslip::metrics::paired_outcome out;
    for (std::uint64_t prompt = 0; prompt < 200; ++prompt) out.add(prompt, prompt >= 2, prompt < 191);
    return out;
}

static verdict state_at(double budget) { return qslip::gate(golden_answers(), {.budget = budget})->state; }

TEST_CASE("a budget that is excluded passes, one that is exceeded fails, one in between is open") {
    CHECK(state_at(0.10) == verdict::pass);
    CHECK(state_at(0.05) == verdict::inconclusive);
    CHECK(state_at(0.005) == verdict::fail);
}

TEST_CASE("the report says what was seen and which bounds decided") {
    const auto report = *qslip::gate(golden_answers(), {.budget = 0.10});
    CHECK(report.n == 200);
    CHECK(report.degraded_within_budget);
    CHECK(*report.delta == doctest::Approx(0.035));
    CHECK(*report.lower == doctest::Approx(0.00884196));
    CHECK(*report.upper < 0.10);
}

TEST_CASE("answers of one prompt are one cluster, and cannot pass") {
    qslip::metrics::paired_outcome out;
    for (int repeat = 0; repeat < 400; ++repeat) out.add(1, true, true);
    CHECK(qslip::gate(out, {.budget = 0.10})->state == verdict::inconclusive);
}

TEST_CASE("nothing decides nothing, and a budget beyond its range is an error") {
    CHECK(qslip::gate({}, {.budget = 0.10})->why == qslip::verdict_reason::coverage);
    CHECK(qslip::gate(golden_answers(), {.budget = 1.5}).status().code() == qslip::errc::arg);
}
