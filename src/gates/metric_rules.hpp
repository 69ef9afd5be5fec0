#pragma once
#include <qslip/registry.hpp>

#include <string>

namespace qslip {

/// Measured on answers (paired outcomes), not on positions.
bool is_answer_metric(const std::string& metric);
/// Why the cell's metric cannot have its role; empty when it can.
std::string metric_fault(const cell_plan& cell);

}  // namespace qslip
