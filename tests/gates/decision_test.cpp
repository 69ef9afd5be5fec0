// Every state and reason of docs/method.md 8, four golden verdicts, and the release rules.
#include <qslip/detail/gates/decision.hpp>

#include <doctest/doctest.h>
#include <support/cells.hpp>
#include <support/near.hpp>

using namespace qslip;
using namespace qslip_test;
using metrics::exclusion;

namespace {

void check_state(const cell_input& in, verdict state, verdict_reason why, const release_policy& policy = {}) {
    const auto report = decide_one(in, policy);
    INFO(in.plan.metric << ": " << name_of(report.state) << " (" << name_of(report.why) << ")");
    CHECK(report.state == state);
    CHECK(report.why == why);
}

cell_input tripwire_cell(double limit, std::vector<stats::cluster_sum> clusters, bool is_rate) {
    cell_input in;
    in.plan = {"s", "kl_fwd_nats", cell_role::tripwire, {}, limit};
    in.evidence = value_evidence{std::move(clusters), is_rate};
    return in;
}

}  // namespace

TEST_CASE("C1: one table, three budgets, three verdicts") {
    check_state(binary_cell(200, 9, 2, 0.10), verdict::pass, verdict_reason::degraded);
    check_state(binary_cell(200, 9, 2, 0.05), verdict::inconclusive, verdict_reason::underpowered);
    check_state(binary_cell(200, 9, 2, 0.005), verdict::fail, verdict_reason::budget);
    const auto report = decide_one(binary_cell(200, 9, 2, 0.10));
    CHECK(report.degraded_within_budget);
    CHECK(near(*report.lower, 0.008841961639886223));
    CHECK(near(*report.upper, 0.06715944939365646));
    CHECK(near(*report.p_pass, 0.00197679497, 1e-11));
    CHECK(near(*report.p_damage, 0.019287109375));
    CHECK(near(*report.delta, 0.035));
    CHECK(near(*report.base, 198.0 / 200));
    CHECK(near(*report.cand, 191.0 / 200));
}

TEST_CASE("C2, C3: clean passes need enough rows") {
    check_state(binary_cell(1500, 12, 10, 0.01), verdict::pass, verdict_reason::clean);
    check_state(binary_cell(268, 0, 0, 0.01), verdict::inconclusive, verdict_reason::underpowered);
    check_state(binary_cell(299, 0, 0, 0.01), verdict::pass, verdict_reason::clean);
    for (const double m : {0.005, 0.01, 0.02, 0.05}) {
        const auto floor = static_cast<std::uint64_t>(stats::n_floor(m, 0.05));
        CHECK(decide_one(binary_cell(floor - 1, 0, 0, m)).state == verdict::inconclusive);
        CHECK(decide_one(binary_cell(floor, 0, 0, m)).state == verdict::pass);
    }
}

TEST_CASE("C4: clusters") {
    auto in = binary_cell(0, 0, 0, 0.08);
    auto& g = std::get<paired_evidence>(in.evidence).clusters;
    for (std::uint64_t i = 0; i < 40; ++i) g.push_back({.id = i, .n11 = 5});
    for (const auto& [i, b, c] :
         {std::array<std::uint64_t, 3>{0, 1, 0}, {1, 2, 0}, {2, 1, 0}, {3, 0, 1}, {4, 0, 1}})
        g[i] = {i, 5 - b - c, b, c, 0};
    check_state(in, verdict::pass, verdict_reason::clean);
    const auto report = decide_one(in);
    CHECK(near(report.design_effect, 3.174084555355, 1e-12));
    CHECK(near(*report.p_pass, 0.0313807375, 1e-10));
    CHECK(report.interval_method == "tango_t+cluster_t+exact");
    CHECK(near(report.effective_clusters, 40));
    g.resize(29);  // enough rows, too few clusters
    in.plan.gate.budget = 0.9;
    CHECK(decide_one(in).state == verdict::inconclusive);
}

TEST_CASE("damage as a gain: what rises is worse") {
    auto in = binary_cell(400, 0, 0, 0.05);
    std::get<paired_evidence>(in.evidence) = singleton_rows(0, 2, 60, 338);
    in.plan.gate.direction = damage_direction::gain;
    check_state(in, verdict::fail, verdict_reason::budget);
    CHECK(decide_one(in).newly_broken == 60);
    CHECK(decide_one(in).newly_fixed == 2);
    CHECK(near(*decide_one(in).delta, 58.0 / 400));
    in.plan.gate.direction = damage_direction::loss;
    in.plan.gate.budget = 0.001;
    check_state(in, verdict::inconclusive, verdict_reason::floor_effect);
}

TEST_CASE("the order of evaluation, one obstacle at a time") {
    const auto good = binary_cell(2000, 1, 1, 0.05), bad = binary_cell(2000, 300, 1, 0.05);
    auto in = bad;
    in.mismatched_fields = {"tokenizer"};
    in.exclusions[exclusion::cand_nonfinite] = 1;
    check_state(in, verdict::not_comparable, verdict_reason::fields);
    in.exclusions[exclusion::base_nonfinite] = 1;
    check_state(in, verdict::not_comparable, verdict_reason::baseline_fault);
    in = good;
    in.exclusions[exclusion::cand_nonfinite] = 1;
    check_state(in, verdict::fail, verdict_reason::numeric);
    in = binary_cell(0, 0, 0, 0.05);
    check_state(in, verdict::inconclusive, verdict_reason::coverage);
    check_state(in, verdict::fail, verdict_reason::missing, {.missing_blocks = true});

    in = bad;
    in.anchor = anchor_state::judge;
    check_state(in, verdict::fail, verdict_reason::budget);
    CHECK(decide_one(in).anchor_unverified);
    in = good;
    for (const auto& [anchor, why] : {std::pair{anchor_state::judge, verdict_reason::judge},
                                      {anchor_state::labels, verdict_reason::labels},
                                      {anchor_state::detector, verdict_reason::detector}}) {
        in.anchor = anchor;
        check_state(in, verdict::inconclusive, why);
    }
    in = good;
    in.exclusions[exclusion::support_mismatch] = 1;
    check_state(in, verdict::inconclusive, verdict_reason::coverage);
    in = good;
    in.exclusions[exclusion::clipped] = 1;
    check_state(in, verdict::inconclusive, verdict_reason::coverage);
    in = good;
    in.exclusions[exclusion::infra_dropped] = 20;
    check_state(in, verdict::pass, verdict_reason::clean);
    in.exclusions[exclusion::infra_dropped] = 21;
    check_state(in, verdict::inconclusive, verdict_reason::coverage);
    in = good;
    in.exclusions[exclusion::unmatched] = 21;
    check_state(in, verdict::not_comparable, verdict_reason::fields);
    in = good;
    in.exclusions[exclusion::detector_unknown] = 41;
    check_state(in, verdict::inconclusive, verdict_reason::coverage);
}

TEST_CASE("each exclusion keeps a cell from PASS beyond the share its row allows, and no sooner") {
    for (const auto& e : metrics::all_exclusions) {
        CAPTURE(e.id);
        auto in = binary_cell(2000, 1, 1, 0.01);
        std::uint64_t n = 0;
        while (n < 3000 && !e.too_many(n + 1, 2000)) ++n;
        in.exclusions[e.which] = n;
        check_state(in, verdict::pass, verdict_reason::clean);
        ++in.exclusions[e.which];
        CHECK((decide_one(in).state == verdict::pass) == !e.may_block_pass());
    }
}

TEST_CASE("the base against itself") {
    auto in = binary_cell(2000, 1, 1, 0.01);
    in.engine_deterministic = false;
    check_state(in, verdict::inconclusive, verdict_reason::noise_limited);
    in.aa = aa_record{2000, 2, 1};
    check_state(in, verdict::pass, verdict_reason::clean);
    CHECK(near(*decide_one(in).aa_detectable_effect,
               (1.6448536269514722 + 1.2815515655446004) * std::sqrt(3.0 / 2000 / 2000)));
    in.aa = aa_record{2000, 60, 50};
    check_state(in, verdict::inconclusive, verdict_reason::noise_limited);
    in.aa = aa_record{2000, 40, 5};
    check_state(in, verdict::not_comparable, verdict_reason::baseline_unstable);
}

TEST_CASE("a base that is seldom right hides damage") {
    auto in = binary_cell(1000, 0, 0, 0.02);
    std::get<paired_evidence>(in.evidence) = singleton_rows(39, 0, 0, 961);
    check_state(in, verdict::inconclusive, verdict_reason::floor_effect);
    std::get<paired_evidence>(in.evidence) = singleton_rows(40, 0, 0, 960);
    check_state(in, verdict::pass, verdict_reason::clean);
}

TEST_CASE("thin slices never pass but can fail") {
    check_state(binary_cell(20, 0, 0, 0.05), verdict::inconclusive, verdict_reason::underpowered);
    check_state(binary_cell(20, 18, 0, 0.05), verdict::fail, verdict_reason::budget);
    const auto report = decide_one(binary_cell(3000, 165, 30, 0.05));
    CHECK(report.state == verdict::inconclusive);
    CHECK(report.why == verdict_reason::borderline);
    CHECK(*report.n_needed < 3000);
    CHECK(*report.n_needed_observed > 3000);
    CHECK_FALSE(decide_one(binary_cell(3000, 200, 0, 0.05)).n_needed_observed.has_value());
    CHECK_FALSE(decide_one(binary_cell(3000, 0, 0, 0)).n_needed.has_value());
    CHECK(decide_one(binary_cell(3000, 0, 0, 0)).state == verdict::inconclusive);
}

TEST_CASE("scores: cluster t, and the zero-variance floor") {
    cell_input in;
    in.plan = {"s", "score", cell_role::gate, {.budget = 0.05}, 0};
    score_evidence seen;
    for (std::uint64_t i = 0; i < 400; ++i) seen.damage.push_back({i, 1, i % 4 == 0 ? 0.1 : -0.02, 0.01});
    in.evidence = seen;
    auto report = decide_one(in);
    CHECK(report.state == verdict::pass);
    CHECK(report.interval_method == "cluster_t");
    CHECK(near(*report.delta, 0.01));
    for (auto& g : seen.damage) g = {g.id, 1, 0, 0};
    in.evidence = seen;
    report = decide_one(in);
    CHECK(report.state == verdict::pass);
    CHECK(near(*report.upper, 2.705543454095 / (400 + 2.705543454095)));
    CHECK(report.interval_method == "zero_variance");
    seen.damage.resize(51);
    in.evidence = seen;
    CHECK(decide_one(in).state == verdict::inconclusive);
    seen.base_right = 3;
    seen.damage.resize(51);
    in.evidence = seen;
    check_state(in, verdict::inconclusive, verdict_reason::floor_effect);
}

TEST_CASE("tripwires turn PASS into a look, and nothing else") {
    std::vector<stats::cluster_sum> far, near_base;
    for (std::uint64_t i = 0; i < 50; ++i) {
        far.push_back({i, 4, 2.0 + 0.01 * static_cast<double>(i % 5)});
        near_base.push_back({i, 4, 0.01 * static_cast<double>(i % 5)});
    }
    const auto good = binary_cell(2000, 1, 1, 0.05);
    auto wire = tripwire_cell(0.3, far, false);
    const std::vector<cell_input> tripped{good, wire};
    auto report = decide_release(tripped).value();
    CHECK(report.verdict == verdict::inconclusive);
    CHECK(report.cells[0].why == verdict_reason::review);
    CHECK(report.cells[1].tripped);
    CHECK(report.cells[1].state == verdict::inconclusive);
    wire.evidence = value_evidence{near_base, false};
    CHECK(decide_release(std::vector<cell_input>{good, wire}).value().verdict == verdict::pass);
    wire.evidence = value_evidence{far, false};
    wire.plan.slice = "other";
    CHECK(decide_release(std::vector<cell_input>{good, wire}).value().verdict == verdict::pass);
    auto bad = binary_cell(2000, 300, 1, 0.05);
    CHECK(decide_release(std::vector<cell_input>{bad, tripped[1]}).value().verdict == verdict::fail);

    std::vector<stats::cluster_sum> flips;  // one row each: Wilson
    for (std::uint64_t i = 0; i < 100; ++i) flips.push_back({i, 1, i < 3 ? 1.0 : 0.0});
    const auto rate = decide_one(tripwire_cell(0.02, flips, true));
    CHECK(near(*rate.lower, 0.012051814249279914));
    CHECK(near(*rate.upper, 0.07271034328690396));
    CHECK(rate.state == verdict::pass);
    CHECK(rate.why == verdict_reason::quiet);
    CHECK(decide_one(tripwire_cell(0.012, flips, true)).tripped);
}

TEST_CASE("the release: worst state first, Holm over gates and guards") {
    const auto named = [](cell_input in, const char* slice, cell_role role = cell_role::gate) {
        in.plan.slice = slice;
        in.plan.role = role;
        return in;
    };
    const auto good = named(binary_cell(2000, 1, 1, 0.05), "a");
    const auto weak_fail = named(binary_cell(200, 9, 2, 0.005), "b", cell_role::guard);
    CHECK(decide_release({}).value().verdict == verdict::inconclusive);
    CHECK(decide_release({}, {.has_tasks = false}).value().verdict == verdict::measured);
    CHECK(decide_release({}, {.has_tasks = false}).value().exit_code() == 0);
    CHECK(decide_release(std::vector{good}).value().exit_code() == 0);
    CHECK(decide_release(std::vector{good}, {.missing_slices = {"c"}}).value().exit_code() == 3);
    CHECK(decide_release(std::vector{good}, {.missing_blocks = true, .missing_slices = {"c"}})
              .value()
              .exit_code() == 1);
    CHECK(decide_release(std::vector{weak_fail}).value().exit_code() == 1);
    const auto both = decide_release(std::vector{good, weak_fail}).value();  // .0317 * 2 > .05
    CHECK(both.verdict == verdict::inconclusive);
    CHECK(both.n_deciding == 2);
    CHECK(near(*both.cells[1].p_fail_adjusted, 2 * 0.0317278731, 1e-9));
    CHECK(*both.gate_budget == 0.05);
    CHECK(*both.guard_budget == 0.005);
    CHECK(near(*both.guard_upper, 0.06715944939365646));
    auto broken = named(good, "c", cell_role::info);
    broken.exclusions[exclusion::cand_nonfinite] = 1;
    CHECK(decide_release(std::vector{good, broken}).value().verdict == verdict::fail);
    broken = named(good, "c");
    broken.mismatched_fields = {"chat_template"};
    CHECK(decide_release(std::vector{weak_fail, broken}).value().exit_code() == 4);
    broken.plan.role = cell_role::info;
    CHECK(decide_release(std::vector{good, broken}).value().verdict == verdict::pass);
    CHECK(decide_release(std::vector{broken}, {.has_tasks = false}).value().exit_code() == 4);
}

TEST_CASE("looks and candidates spend alpha") {
    auto in = binary_cell(1500, 12, 10, 0.01);  // p_pass .0075
    in.plan.gate.planned_looks = 4;
    in.plan.gate.look = 1;
    CHECK(near(decide_one(in).alpha_pass, 0.005));
    CHECK(decide_one(in).state == verdict::inconclusive);
    in.plan.gate.look = 2;
    CHECK(near(decide_one(in).alpha_pass, 0.010));
    CHECK(decide_one(in).state == verdict::pass);
    in.n_candidates = 2;
    CHECK(near(decide_one(in).alpha_pass, 0.005));
    CHECK(near(decide_one(in).alpha_fail, 0.010));
    CHECK(decide_one(in).state == verdict::inconclusive);
}

TEST_CASE("bad input is refused by name") {
    const auto refused = [](const cell_input& in) {
        const auto report = decide_release(std::span(&in, 1));
        REQUIRE_FALSE(report.ok());
        CHECK(report.status().code() == errc::arg);
        CHECK(std::string(report.status().message()).find("s x task_correct") != std::string::npos);
    };
    auto in = binary_cell(10, 0, 0, -0.01);
    refused(in);
    in.plan.gate.budget = 1;
    refused(in);
    in.plan.gate = {.alpha = 0};
    refused(in);
    in.plan.gate = {.planned_looks = 2, .look = 3};
    refused(in);
    in.plan.gate = {};
    in.evidence = value_evidence{};
    refused(in);
    const auto good = binary_cell(100, 0, 0, 0.1);
    CHECK_FALSE(decide_release(std::vector{good, good}).ok());
}
