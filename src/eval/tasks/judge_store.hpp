#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "eval/tasks/judge.hpp"
#include "eval/tasks/schema_store.hpp"
#include "json/json_fields.hpp"

namespace qslip {

/// The judges of a suite: items whose tasks are the same JSON (and which lend it the same gold) share one.
/// Each regex and schema is compiled once. Not thread-safe.
class judge_store {
public:
    /// Both are borrowed; faults of tasks go to `faults`.
    judge_store(const limits& limits, json_faults& faults)
        : limits_(limits), faults_(faults), schemas_(limits) {}

    /// The judge of an item with the fields `item`, whose member `task` is `task`; it lives as long as
    /// judges() does. nullptr: no task, or a fault was added.
    const judge* read(const json_node& task, json_fields& item);

    /// What was read, to be kept. The store is empty afterwards.
    std::vector<std::unique_ptr<const judge>> release();

private:
    std::unique_ptr<const judge> make(const json_node& task, json_fields& item);

    const limits& limits_;
    json_faults& faults_;
    schema_store schemas_;
    std::unordered_map<std::string, std::unique_ptr<const judge>> judges_;
};

}  // namespace qslip
