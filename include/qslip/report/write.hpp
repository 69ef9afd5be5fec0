#pragma once
#include <qslip/eval/run_result.hpp>

#include <string>
#include <vector>

namespace qslip::report {

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
