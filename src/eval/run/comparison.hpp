#pragma once
#include <qslip/compare.hpp>

#include <functional>
#include <memory>

#include "eval/arms/arm.hpp"
#include "eval/workload.hpp"

namespace qslip {

/// Puts something in an arm's place: a recorder, a replay. Empty: the arm itself.
using arm_wrapper = std::function<std::unique_ptr<arm>(std::unique_ptr<arm>)>;

/// Runs a described comparison over its items: fills slices, candidates and facts of `out`, but no verdict.
status run_comparison(const model& base, std::span<const model> candidates, const workload& work,
                      const compare_options& options, const arm_wrapper& wrap, run_result& out);

/// compare() with other arms in the engine's place.
result<run_result> compare_wrapped(const model& base, std::span<const model> candidates, const suite& items,
                                   const slice_registry& registry, const compare_options& options,
                                   const arm_wrapper& wrap);

}  // namespace qslip
