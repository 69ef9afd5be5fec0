#pragma once
#include <qslip/result.hpp>

namespace qslip {

/// Decides every planned cell of a candidate and its release.
result<release_report> decide_candidate(const run_plan& plan, const candidate_result& seen,
                                        std::size_t n_candidates, bool missing_fails);

}  // namespace qslip
