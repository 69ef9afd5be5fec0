#pragma once
#include <qslip/limits.hpp>

#include <string>
#include <string_view>

#include "eval/tasks/task_fields.hpp"

namespace qslip {

/// What must be in an answer beside what its schema asks: numbers by value, lists whole, objects in part.
class required_values {
public:
    /// Nothing.
    required_values() = default;
    /// The member `required_values`, if any.
    explicit required_values(task_fields& task);

    /// Is all of it in `answer`, a JSON text?
    bool are_in(std::string_view answer, const limits& limits) const;

private:
    std::string text_;  ///< JSON; empty: nothing
};

}  // namespace qslip
