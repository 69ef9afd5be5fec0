#pragma once
/// Verdicts; docs/method.md, sections 8 and 9. Headers only.
/// gate() decides one table of paired outcomes, decide_release() all cells of a release together.
#include <qslip/detail/gates/cell.hpp>
#include <qslip/detail/gates/cell_role.hpp>
#include <qslip/detail/gates/decision.hpp>
#include <qslip/detail/gates/gate.hpp>
