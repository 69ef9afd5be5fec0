#pragma once
#include <qslip/result.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace qslip::report {

/// One cell of a run as a reader sees it, every column finished text.
struct table_row {
    std::string slice, n, metric, base, cand, change, bounds, state, note;
};

/// One cell.
table_row row_of(const cell_report& cell);

/// The cells of one candidate, the worst state first, deciding cells before the others.
std::vector<table_row> table_rows(const candidate_result& candidate);

/// Format compliance of one slice, both arms alone with their one-sided 95 % bounds; finished text.
struct compliance_row {
    std::string slice, n, base, base_bounds, cand, cand_bounds, change, retries, tool_calls;
};

/// All answers that had to be JSON, then the tiers and slices that hold some; empty when none had to.
std::vector<compliance_row> compliance_rows(const run_result& run, const candidate_result& candidate);

/// `truncated 3 -> 12, wrong_type 4 -> 9`: format faults of both arms over all answers; "" without any.
std::string format_faults_line(const candidate_result& candidate);

/// One located break: `json_nested/012 byte 23 at /user/age (type): "\"" where the base has "4", margin 0.31
/// nats`.
std::string break_line(const item_result& item);

/// `verdict FAIL   1 of 4 gates failed, 1 inconclusive`, with what a PASS claims.
std::string verdict_line(const release_report& release);

/// `first slip: json/017 at token 23 ("\"" -> "'"), margin 0.04 nats`: of the items the candidate newly
/// breaks, else of all items, the first one in suite order that slips; empty when none does.
std::string first_slip_line(const candidate_result& candidate);

/// `sample of 255 positions, mean KL in nats: weights 0.0123, deployed (A8) 0.0161, kernel floor
/// (A16) 1.5e-07 (p99 1.2e-06, 0 flips)`: three numbers that must not be mixed; empty without a sample.
std::string modes_line(const candidate_result& candidate);

/// `attention over 12,345 positions, KL in nats: mean 0.0012, most 0.02 in layer 3 head 5; entropy 2.31 ->
/// 2.33, sink mass 41.2 % -> 41 %`: means over the heads; empty unless attention was compared.
std::string attention_line(const candidate_result& candidate);

/// The table of the whole run for a terminal or a log: plain text, lines end in "\n".
std::string text(const run_result& run);

/// The same as GitHub-flavoured Markdown, at most 60 KiB: rows beyond are counted, not shown.
std::string markdown(const run_result& run);

/// JUnit XML: a suite per slice, a case per deciding cell; FAIL is a failure, INCONCLUSIVE skipped with
/// its reason, NOT_COMPARABLE an error. No times: equal runs give equal bytes.
std::string junit(const run_result& run);

/// Prometheus text format for a textfile collector: base units, no timestamps.
std::string prometheus(const run_result& run);

/// result.json, schema version 1: the run without anything that may differ between equal runs.
std::string result_json(const run_result& run);

/// run_info.json: threads, instruction set, time, host and paths.
std::string run_info_json(const run_result& run);

/// One item a line: prompt, both answers, where they part. Errors: those of reading the suite again.
result<std::string> items_jsonl(const run_result& run);

/// Writes result.json, run_info.json, items.jsonl, report.md, junit.xml and qslip.prom into `dir`, which is
/// made when it is not there; each file whole or not at all. Returns their paths.
/// Errors: io and those of atomic_file.
result<std::vector<std::string>> write_all(const run_result& run, const std::string& dir);

/// The items worth a look, worst first, at most `most`: newly broken answers before others, then by the
/// largest KL of a position. Indices into `items`.
std::vector<std::size_t> worst_items(const candidate_result& candidate, std::size_t most = 20);

/// The first `most` items in suite order whose answer satisfied its schema and does not any more.
std::vector<std::size_t> located_breaks(const candidate_result& candidate, std::size_t most);

}  // namespace qslip::report
