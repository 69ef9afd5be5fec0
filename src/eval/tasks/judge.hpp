#pragma once
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/errors.hpp>
#include <qslip/schema.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qslip {

class task_fields;

/// One judged answer.
struct judgement {
    std::string canonical;    ///< what was compared: equal strings are equal answers
    bool budget_hit = false;  ///< a regex ran out of its match or heap limit; the answer counts as wrong
    /// Each metric at most once. Two answers are paired in the metrics that both have.
    std::vector<std::pair<metric, bool>> outcomes;
    std::optional<metrics::structured_answer> structure;  ///< where JSON is demanded or tools are offered

    std::optional<bool> outcome(metric wanted) const;
    bool right() const { return outcome(metric::task_correct).value_or(false); }
};

/// How the answers to an item are judged; one file a type of task (task.inc). Items whose tasks are the same
/// share one. Immutable; all calls are pure and may run in parallel.
class judge {
public:
    virtual ~judge() = default;

    /// Length of the answer in a generated text: up to the first stop string, or npos when there is none.
    std::size_t answer_length(std::string_view text) const;
    /// Judges a whole generated text, from which the stop string is cut here. `was_cut`: generation ended at
    /// max_tokens. A regex or schema is bounded by the limits it was read with.
    judgement judge_text(std::string_view text, bool was_cut = false) const;

    /// The metrics that an answer may have outcomes in.
    virtual std::span<const metric> feeds() const;
    /// What becomes of a model that could not answer: no outcome holds.
    virtual judgement no_answer() const;
    /// Of the schema that an answer has to satisfy; none: no JSON is demanded.
    virtual std::optional<schema::complexity> complexity() const { return std::nullopt; }
    /// The first byte of `text` with which the answer can no longer satisfy its schema; the end of the answer
    /// when it merely stops. Empty for a valid one and where no JSON is demanded.
    /// Errors: those of schema::locate_break.
    virtual result<std::optional<schema::break_point>> locate_fault(std::string_view text) const;

protected:
    explicit judge(task_fields& task);
    std::string_view answer_in(std::string_view text) const { return text.substr(0, answer_length(text)); }

private:
    virtual judgement judge_answer(std::string_view answer, bool was_cut) const = 0;
    std::vector<std::string> stops_;
};

/// A judgement that is nothing but right or wrong.
judgement right_or_wrong(std::string canonical, bool is_right);

}  // namespace qslip
