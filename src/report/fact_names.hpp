#pragma once
// Keys that stand for each other in a document, once.
#include <string_view>

namespace qslip::report {

/// How far an answer came that had to be JSON, by structured_answer::level.
inline constexpr std::string_view level_names[] = {"no_json", "extractable", "parses", "valid", "values"};
/// The pairs of modes of mode_sample.
inline constexpr std::string_view sample_names[] = {"weight_slippage", "deployed_slippage", "kernel_floor",
                                                    "kernel_floor_base"};

}  // namespace qslip::report
