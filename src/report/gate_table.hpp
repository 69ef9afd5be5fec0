#pragma once
// The cells of a candidate and its verdict as finished text, the same in every format.
#include <string>
#include <vector>

#include "report/fact.hpp"

namespace qslip::report {

/// One cell as a reader sees it.
struct gate_row {
    std::string slice, n, metric, base, cand, change, bounds, state, allowed;
};
gate_row gate_row_of(const fact& cell);

/// The cells of a candidate: deciding ones first, the worst state before others, then touched tripwires.
std::vector<const fact*> ordered_cells(const fact& candidate);
bool is_deciding(const fact& cell);
/// Deciding cells, and tripwires that were touched.
bool asks_for_a_look(const fact& cell);

/// "1 of 4 gates and guards failed, 1 inconclusive"; of a PASS what it claims.
std::string verdict_text(const fact& candidate);
/// "INCONCLUSIVE math task_correct: <why> <next step>", the cells of one step together; none for settled
/// ones.
std::vector<std::string> steps_of(const fact& candidate);
/// `json/017 at token 23 ("\"" -> "'"), margin 0.04 nats`; empty when no item slips.
std::string first_slip_text(const fact& candidate);
/// One line for each example whose answer broke its schema: `json/012 byte 23 at /user/age (type): ...`.
std::vector<std::string> break_texts(const fact& candidate);

}  // namespace qslip::report
