#pragma once
#include <qslip/detail/gates/cell.hpp>

#include <string>

namespace qslip::report {

/// Why a cell is in its state and what would settle it: one sentence each.
struct advice {
    std::string why, next_step;  ///< next_step is empty when nothing is to be done
};
advice advice_on(const cell_report& cell);

}  // namespace qslip::report
