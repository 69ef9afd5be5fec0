// The report files of one fixed small run, byte for byte: tests/report/golden/.
// After a wanted change: QSLIP_UPDATE_GOLDEN=1 report_test, then read the diff.
#include <qslip/report.hpp>

#include <doctest/doctest.h>

#include "report/fixed_run.hpp"
#include "report/golden_file.hpp"

using namespace qslip;

TEST_CASE("report files of a fixed run are the golden ones") {
    const auto run = test::fixed_run();
    test::check_golden("tests/report/golden/result.json", report::result_json(run));
    test::check_golden("tests/report/golden/report.md", report::markdown(run));
    test::check_golden("tests/report/golden/junit.xml", report::junit(run));
    test::check_golden("tests/report/golden/qslip.prom", report::prometheus(run));
    test::check_golden("tests/report/golden/table.txt", report::text(run));
    test::check_golden("tests/report/golden/table_verbose.txt", report::text(run, {.verbose = true}));
}

TEST_CASE("a Markdown report stays below what a pull-request comment holds") {
    auto run = test::fixed_run();
    auto& cells = run.candidates[0].release.cells;
    for (int i = 0; i < 2000; ++i) cells.push_back(cells.front());
    const auto page = report::markdown(run);
    CHECK(page.size() <= 60 * 1024);
    CHECK(page.find(" more in result.json\n") != std::string::npos);
}
