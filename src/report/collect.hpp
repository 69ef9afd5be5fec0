#pragma once
// From a run to a document: what reads run_result is in collect_*.cpp, what writes formats reads documents.
#include <qslip/result.hpp>

#include "report/fact.hpp"

namespace qslip::report {

fact slice_facts(const std::string& name, const slice_state& slice, below_resolution resolution);
fact cell_facts(const cell_report& cell);

// Each appends the section of one measurement to the facts of a candidate.
void describe_sample(const run_result& run, const candidate_result& candidate, fact& to);
void describe_attention(const metrics::attention_shift& seen, fact& to);
/// The worst items, the first located breaks and the first slip.
void describe_items(const candidate_result& candidate, fact& to);

}  // namespace qslip::report
