#pragma once
#include <qslip/core/limits.hpp>
#include <qslip/core/result.hpp>

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
};

/// One judged answer.
struct judgement {
    bool right = false;
    bool budget_hit = false;  ///< a regex ran out of its match or heap limit; the answer counts as wrong
    std::string canonical;    ///< what was compared: equal strings are equal answers
};

/// Length of the answer in `text`: up to the first stop string, or npos when there is none.
std::size_t answer_length(const task&, std::string_view text);

/// Judges the whole generated text (stop strings are cut here). Pure: same input, same judgement.
/// Time O(text x answers); a regex is bounded by `lim`.
judgement judge(const task&, std::string_view text, const limits& lim = {});

/// ASCII white space collapsed to single spaces and trimmed; with fold_case, ASCII letters in lower case.
std::string canonical_text(std::string_view text, bool fold_case);

/// The last number of `text` (docs/suite.md); empty when there is none or it is beyond a double.
std::optional<double> last_number(std::string_view text, char decimal);

}  // namespace qslip
