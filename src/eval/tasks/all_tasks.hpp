#pragma once
#include <memory>

#include "eval/tasks/judge.hpp"
#include "eval/tasks/task_fields.hpp"

namespace qslip {

// read_<name>(): the judge of a task of that type, from the keys the type has.
#define QSLIP_TASK(name) std::unique_ptr<const judge> read_##name(task_fields& task);
#include "eval/tasks/task.inc"
#undef QSLIP_TASK

}  // namespace qslip
