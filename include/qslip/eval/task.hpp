#pragma once
#include <qslip/core/limits.hpp>
#include <qslip/core/result.hpp>
#include <qslip/metrics/structured_output.hpp>
#include <qslip/schema/locate_break.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

enum class task_type {
#define QSLIP_TASK(name) name,
#include <qslip/eval/task.inc>
#undef QSLIP_TASK
};
const char* task_type_name(task_type) noexcept;
std::optional<task_type> find_task_type(std::string_view name) noexcept;
/// "none, exact, ..." for messages.
std::string task_type_list();

/// Version of the rules below; part of a run's manifest.
inline constexpr int canonicalizer_version = 1;

/// A tool the model may call, with the JSON Schema of a whole call: {"name": ..., "arguments": {...}}.
struct tool_offer {
    std::string name, call_schema;
};

/// How one item's answer is judged. Plain data; docs/suite.md has the rules.
struct task {
    task_type type = task_type::none;
    std::vector<std::string> answers;  ///< exact, contains: any of them; choice: the one
    std::vector<std::string> options;  ///< choice
    std::vector<std::string> stops;    ///< the answer is the text before the first of these
    std::string pattern;               ///< regex
    double answer_number = 0, abs_tol = 1e-9, rel_tol = 1e-6;
    char decimal = '.';
    bool ignore_case = false;
    std::string schema;             ///< json_schema, tool_call: JSON text of what a valid answer satisfies
    std::string required_values;    ///< JSON text of what must be in the answer; empty: nothing
    std::vector<tool_offer> tools;  ///< tool_call
    bool must_call = true;          ///< tool_call; false: right is an answer that calls nothing
    std::string tier;               ///< "S0" to "S3" by the schema's complexity; empty: no JSON is demanded
    double complexity = 0;          ///< of the schema, metrics.md 6.2

    bool is_structured() const { return type == task_type::json_schema || type == task_type::tool_call; }
};

/// One judged answer.
struct judgement {
    bool right = false;
    metrics::structured_answer structure;  ///< of structured tasks
    bool budget_hit = false;  ///< a regex ran out of its match or heap limit; the answer counts as wrong
    std::string canonical;    ///< what was compared: equal strings are equal answers
};

/// Length of the answer in `text`: up to the first stop string, or npos when there is none.
std::size_t answer_length(const task&, std::string_view text);

/// Judges the whole generated text (stop strings are cut here). Pure: same input, same judgement.
/// `cut`: generation stopped at max_tokens. Time O(text x answers); a regex or schema is bounded by `lim`.
judgement judge(const task&, std::string_view text, const limits& lim = {}, bool cut = false);

/// Where the answer of a structured task went wrong: the first byte of `text` with which it can no longer
/// become valid; the end of the answer when it merely stops. Empty for a valid one and for other tasks.
/// Errors: those of schema::locate_break.
result<std::optional<schema::break_point>> locate_fault(const task&, std::string_view text,
                                                        const limits& lim = {});

/// ASCII white space collapsed to single spaces and trimmed; with fold_case, ASCII letters in lower case.
std::string canonical_text(std::string_view text, bool fold_case);

/// The last number of `text` (docs/suite.md); empty when there is none or it is beyond a double.
std::optional<double> last_number(std::string_view text, char decimal);

}  // namespace qslip
