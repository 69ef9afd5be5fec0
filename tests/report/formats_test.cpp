// What all formats promise alike: names, signs, states.
#include <qslip/report.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <set>

#include "report/document.hpp"
#include "report/fixed_run.hpp"
#include "report/gate_table.hpp"

using namespace qslip;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
}

/// The fixed run twice: a good file and a copy of it in another folder.
run_result run_of_two() {
    auto run = test::fixed_run();
    run.candidates.push_back(run.candidates[0]);
    run.candidates[1].arm.path = "/elsewhere/better.gguf";
    run.candidates[1].release.verdict = verdict::pass;
    return run;
}

}  // namespace

TEST_CASE("gates() are the cells that decide, cells() all of them; no state is a verdict by accident") {
    const auto run = test::fixed_run();
    for (const auto& gate : run.gates()) CHECK(decides(gate.report().role));
    CHECK(run.gates().size() == 4);
    CHECK(run.cells().size() == run.candidates[0].release.cells.size());
    std::set<std::string> other_states;
    for (const auto& cell : run.cells())
        if (!decides(cell.report().role)) other_states.insert(cell.state_name());
    CHECK(other_states == std::set<std::string>{"INFO", "QUIET", "TRIPPED"});
}

TEST_CASE(
    "a cell that decides nothing and has no data is no verdict either; logits that are not finite are") {
    cell_report cell;
    cell.role = cell_role::info;
    CHECK(std::string(state_name(cell)) == "INFO");
    cell.role = cell_role::tripwire;
    CHECK(std::string(state_name(cell)) == "QUIET");
    cell.state = verdict::fail;
    CHECK(std::string(state_name(cell)) == "FAIL");
}

TEST_CASE("result.json names the same states") {
    const report::document told(test::fixed_run());
    for (const auto& cell : told.facts()["candidates"].items()[0]["gates"].items()) {
        const auto& state = cell["state"].text();
        CAPTURE(state);
        CHECK(report::is_deciding(cell) == (state != "INFO" && state != "QUIET" && state != "TRIPPED"));
    }
}

TEST_CASE("models are called by their files in every format, whatever stands inside") {
    const report::document told(test::fixed_run());
    for (const auto& format : report::all_formats()) {
        CAPTURE(format.flag);
        CHECK(contains(format.render(told), "cand"));
        CHECK_FALSE(contains(format.render(told), "/elsewhere"));
        CHECK_FALSE(contains(format.render(told), "tiny"));
    }
    CHECK(contains(report::text(told), "candidate  cand  Q8_0 in A16  sha256 dddddddd"));
    CHECK(contains(report::markdown(told), "## cand: FAIL"));
    CHECK(contains(report::prometheus(told), "qslip_gate_state{slice=\"all\",model=\"cand\""));
}

TEST_CASE("a JUnit case keeps its name when a second candidate joins") {
    const auto one = report::junit(test::fixed_run()), two = report::junit(run_of_two());
    const std::string name = "name=\"all task_correct\" classname=\"qslip.cand\"";
    CHECK(contains(one, name));
    CHECK(contains(two, name));
    CHECK(contains(two, "name=\"all task_correct\" classname=\"qslip.better\""));
}

TEST_CASE("two files of one name are told apart by their hashes, one file twice by a number") {
    auto run = run_of_two();
    run.candidates[1].arm.path = "/yet/another/cand.gguf";
    run.candidates[1].arm.sha256 = std::string(64, 'e');
    CHECK(contains(report::prometheus(run), "model=\"cand@eeeeeeee\""));
    run.candidates[1] = run.candidates[0];
    const auto twice = report::prometheus(run);
    CHECK(contains(twice, "model=\"cand@dddddddd\""));
    CHECK(contains(twice, "model=\"cand@dddddddd#2\""));
}

TEST_CASE("the ranking is shown, the best candidate first, when there are several") {
    CHECK_FALSE(contains(report::text(test::fixed_run()), "Candidates, the best first"));
    for (const auto& told : {report::text(run_of_two()), report::markdown(run_of_two())}) {
        const auto at = told.find("Candidates, the best first");
        REQUIRE(at != told.npos);
        CHECK(told.find("better", at) < told.find("cand", told.find("verdict", at)));
    }
}

TEST_CASE("a change is candidate - base in every format") {
    const report::document told(test::fixed_run());
    const auto& candidate = told.facts()["candidates"].items()[0];
    const auto& gates = candidate["gates"].items();
    const auto gate = std::ranges::find_if(gates, [](const auto& g) {
        return g["slice"].text() == "numbers" && g["metric"].text() == "task_correct";
    });
    REQUIRE(gate != gates.end());
    CHECK((*gate)["base"].number() == 1);
    CHECK((*gate)["cand"].number() == 0.8);
    CHECK((*gate)["change"].number() == -0.2);
    CHECK((*gate)["lower"].number() < -0.2);
    CHECK((*gate)["upper"].number() > -0.2);
    const auto& outcome = candidate["slices"].items()[1]["metrics"]["task_correct"];
    CHECK(outcome["change"].number() == -0.2);
    CHECK(contains(report::text(told), "-20.0  [-26.6, -14.8] pt"));
    CHECK(contains(report::markdown(told), "-20.0 | \\[-26.6, -14.8\\] pt"));
    CHECK(contains(report::junit(told), "name=\"change\" value=\"-0.2\""));
    CHECK(contains(report::prometheus(told),
                   "qslip_task_correct_change_ratio{model=\"cand\",slice=\"numbers\"} -0.2\n"));
}

TEST_CASE("a rise that is damage keeps the sign of the change; its budget is above 0") {
    auto run = test::fixed_run();
    auto& cell = run.candidates[0].release.cells.front();
    REQUIRE(decides(cell.role));
    cell.direction = damage_direction::gain;
    cell.delta = 0.125;
    cell.lower = 0.0625;
    cell.upper = 0.25;
    const report::document told(run);
    const auto& gate = told.facts()["candidates"].items()[0]["gates"].items()[0];
    CHECK(gate["change"].number() == 0.125);
    CHECK(gate["lower"].number() == 0.0625);
    CHECK(gate["upper"].number() == 0.25);
    CHECK(report::gate_row_of(gate).allowed == "allowed +10.0");
}

TEST_CASE("the bounds of a divergence do not fall below 0, in the gates as in the slices") {
    cell_input cell;
    cell.plan = {"all", "kl_fwd_nats", cell_role::info, {}, 0};
    value_evidence seen;
    seen.clusters = {{1, 1, 0.0}, {2, 1, 1.0}};
    seen.range = {0, INFINITY};
    cell.evidence = seen;
    const auto release = decide_release(std::span(&cell, 1));
    REQUIRE(release.ok());
    CHECK(*release->cells[0].lower == 0);
    CHECK(*release->cells[0].upper > 1);
}

TEST_CASE("no Prometheus series stands twice, and a family in one piece") {
    const auto told = report::prometheus(run_of_two());
    std::set<std::string> series, families;
    std::string family;
    for (std::size_t at = 0; at < told.size();) {
        const auto line = told.substr(at, told.find('\n', at) - at);
        at += line.size() + 1;
        CAPTURE(line);
        if (line.starts_with("# HELP "))
            CHECK(families.insert(family = line.substr(7, line.find(' ', 7) - 7)).second);
        if (line.starts_with("#")) continue;
        CHECK(line.substr(0, line.find('{')) == family);
        CHECK(series.insert(line.substr(0, line.rfind(' '))).second);
    }
    CHECK(series.size() > 100);
}

TEST_CASE("a terminal shows what asks for a look; --verbose everything") {
    const auto brief = report::text(test::fixed_run()), verbose = report::text(test::fixed_run(), {true});
    CHECK_FALSE(contains(brief, "INFO"));
    CHECK_FALSE(contains(brief, "QUIET"));
    CHECK(contains(brief, "TRIPPED"));
    CHECK(contains(brief, "and 4 that decide nothing (--verbose)"));
    CHECK(count(verbose, "INFO") == 2);
    CHECK(contains(verbose, "Flips by the base's lead in nats"));
    CHECK(brief.find("FAIL") < brief.find("TRIPPED"));
}

TEST_CASE("a cell that is not settled says what to do") {
    const auto told = report::text(test::fixed_run());
    CHECK(contains(told,
                   "task_correct: n = 8 is too few for a budget of 10.0 points. Use 360 answers in all if"));
    CHECK(contains(told, "FAIL numbers task_correct, all task_correct: The damage exceeds the budget."));
    CHECK_FALSE(contains(told, "PASS prose"));
}

TEST_CASE("a measurement without gates is a JUnit case that passed, and shows its distances") {
    auto run = test::fixed_run();
    auto& release = run.candidates[0].release;
    release.verdict = verdict::measured;
    std::erase_if(release.cells, [](const auto& cell) { return cell.role != cell_role::info; });
    CHECK(contains(report::junit(run), "tests=\"1\" failures=\"0\""));
    CHECK(contains(report::junit(run), "name=\"measured\" classname=\"qslip.cand\""));
    CHECK(contains(report::text(run), "kl_fwd_nats"));
}
