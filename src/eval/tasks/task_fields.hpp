#pragma once
#include <qslip/limits.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "eval/tasks/schema_store.hpp"
#include "json/json_fields.hpp"

namespace qslip {

/// The object `task` of an item while its judge is made: the item's fields may stand in for it, schemas are
/// shared. A fault is added to the list of faults; a judge made beside one is never used.
class task_fields : public json_fields {
public:
    /// All are borrowed. `item`: the fields of the whole line.
    task_fields(const json_node& task, json_fields& item, json_faults& faults, schema_store& schemas,
                const limits& limits)
        : json_fields(task, faults), item_(item), faults_(faults), schemas_(schemas), limits_(limits) {}

    std::vector<std::string> stops();
    bool ignores_case() { return flag("ignore_case").value_or(false); }

    /// `answer` of the task, else `gold` of the item; a fault when there is neither.
    struct answer_field {
        json_fields& object;
        std::string_view key;
    };
    answer_field answer();
    /// One to `max_count` answers.
    std::vector<std::string> answers(std::size_t max_count);
    /// A fault where one of a member's texts is white space only: no answer could ever be it.
    static void refuse_blank(json_fields& object, std::string_view key,
                             const std::vector<std::string>& texts);

    json_faults& faults() { return faults_; }
    schema_store& schemas() { return schemas_; }
    const qslip::limits& limits() const { return limits_; }

private:
    json_fields& item_;
    json_faults& faults_;
    schema_store& schemas_;
    const qslip::limits& limits_;
};

/// May the value be a JSON Schema: an object, true or false?
inline bool is_schema(const json_node& value) { return value.is_object() || value.boolean().ok(); }

}  // namespace qslip
