#pragma once
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>
#include <qslip/schema.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

enum class task_type {
#define QSLIP_TASK(name) name,
#include <qslip/detail/eval/task.inc>
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
    double complexity = 0;          ///< of the schema, docs/method.md 11

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
/// `cut`: generation stopped at max_tokens. Time O(text x answers); a regex or schema is bounded by `limits`.
judgement judge(const task&, std::string_view text, const limits& limits = {}, bool cut = false);

/// Where the answer of a structured task went wrong: the first byte of `text` with which it can no longer
/// become valid; the end of the answer when it merely stops. Empty for a valid one and for other tasks.
/// Errors: those of schema::locate_break.
result<std::optional<schema::break_point>> locate_fault(const task&, std::string_view text,
                                                        const limits& limits = {});

/// ASCII white space collapsed to single spaces and trimmed; with fold_case, ASCII letters in lower case.
std::string canonical_text(std::string_view text, bool fold_case);

/// The last number of `text` (docs/suite.md); empty when there is none or it is beyond a double.
std::optional<double> last_number(std::string_view text, char decimal);

/// One line of a suite; docs/suite.md describes the fields.
struct suite_item {
    std::string id;
    std::vector<std::string> tags;  ///< field `slice`; sorted, distinct, at least one
    std::string content;            ///< `prompt` or `text`; of `messages` their JSON
    bool is_text = false;           ///< teacher forcing only
    bool is_chat = false;           ///< `messages`: rendered through the model's chat template
    task how;
    std::uint32_t max_tokens = 32;
    std::string language, category;
    std::uint64_t cluster = 0;  ///< hash of the declared cluster, else of the id
};

/// A checked suite file. Holds where each line is, not its text, so a suite of any length takes about 20
/// bytes an item; lines are read again on demand.
/// Thread-safe: const calls may run in parallel. Copies share the open file.
class suite {
public:
    /// Reads and checks every line. Errors: those of the file; schema (malformed lines: the message lists the
    /// first limits.errors_kept, each "file:line: ...", on lines of their own); limit; empty (no items).
    static result<suite> load(const std::string& path, const limits& = {});
    /// The same from memory; `name` stands for the file in messages.
    static result<suite> from_text(std::string jsonl, std::string name = "suite", const limits& = {});

    std::size_t size() const noexcept;
    /// Item `i` < size(), in file order. Errors: io, changed (the file is no longer what was checked).
    result<suite_item> item(std::size_t i) const;
    /// SHA-256 (hex) of the whole file.
    const std::string& digest() const noexcept;
    const std::string& name() const noexcept;
    /// Every tag, sorted.
    const std::vector<std::string>& tags() const noexcept;
    /// "S0" to "S3": the complexity tiers its structured tasks are in, ascending.
    const std::vector<std::string>& tiers() const noexcept;
    /// Items with a task other than none.
    std::size_t n_with_task() const noexcept;
    /// Some item has `messages`.
    bool has_chat() const noexcept;
    /// Errors: changed when the file is not as it was at load.
    status unchanged() const;

    struct state;  // private to src/eval

private:
    explicit suite(std::shared_ptr<const state> s) : state_(std::move(s)) {}
    std::shared_ptr<const state> state_;
};

}  // namespace qslip
