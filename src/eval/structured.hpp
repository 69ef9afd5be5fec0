#pragma once
#include <qslip/suite.hpp>

namespace qslip {

/// Judges an answer (stop strings already cut) of a structured task by the ladder of docs/method.md 11.
judgement judge_structured(const task& t, std::string_view answer, const limits& limits, bool cut);

/// Fills schema, tier and complexity of a structured task; compiles what it was given.
/// Errors: those of compiling, naming nothing.
status prepare_structured(task& t, const limits& limits);

/// A tool whose calls' arguments satisfy `parameters` (JSON text of a schema).
tool_offer make_tool(std::string_view name, std::string_view parameters);

}  // namespace qslip
