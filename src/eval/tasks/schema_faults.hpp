#pragma once
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/schema.hpp>

namespace qslip {

/// Counts in `out` what a validation found wrong, each kind of fault once.
void note_schema_faults(const std::vector<schema::error>& errors, metrics::structured_answer& out);
/// Of an instance that could not be validated: a key twice, no JSON for this reader, or a budget that ran
/// out.
metrics::format_fault fault_of(const status& refused);

}  // namespace qslip
