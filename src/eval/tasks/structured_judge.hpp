#pragma once
#include "eval/tasks/json_in_text.hpp"
#include "eval/tasks/judge.hpp"
#include "eval/tasks/required_values.hpp"

namespace qslip {

/// Judges answers that have to be JSON by the ladder of docs/suite.md; what type of task it is decides which
/// part of the answer counts and which schema.
class structured_judge : public judge {
public:
    std::span<const metric> feeds() const final;
    judgement no_answer() const final;
    std::optional<schema::complexity> complexity() const final { return complexity_; }
    result<std::optional<schema::break_point>> locate_fault(std::string_view text) const final;

protected:
    /// `asked` says whether JSON is demanded and tools are offered.
    structured_judge(task_fields& task, metrics::structured_answer asked);

    /// A schema compiled; none and a fault of the member `key` when it cannot be.
    static std::optional<schema::compiled> compiled(task_fields& task, std::string_view key,
                                                    const std::string& schema_text);
    /// Sets complexity(), if JSON is demanded.
    void measure(task_fields& task, std::string_view key, const schema::compiled& whole);

    /// The tool that a JSON text calls; empty when it calls none.
    std::string called_tool(std::string_view json) const;

private:
    /// What must be JSON as a whole.
    virtual byte_range body_of(std::string_view answer) const { return trimmed(answer); }
    /// The schema that judges `body`.
    virtual const schema::compiled& schema_for(std::string_view body) const = 0;

    judgement judge_answer(std::string_view answer, bool was_cut) const final;
    void climb(std::string_view body, metrics::structured_answer& out) const;
    metrics::format_fault text_fault(std::string_view body, bool has_json, bool was_cut) const;
    bool is_incomplete(std::string_view text) const;

    metrics::structured_answer asked_;
    required_values required_;
    std::optional<schema::complexity> complexity_;
    std::optional<schema::compiled> any_json_;
    qslip::limits limits_;
};

}  // namespace qslip
