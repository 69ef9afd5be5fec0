#include "eval/tasks/all_tasks.hpp"
#include "eval/tasks/one_of_answers.hpp"

namespace qslip {
namespace {

struct has_in_it {
    bool operator()(const std::string& given, const std::string& wanted) const {
        return given.find(wanted) != std::string::npos;
    }
};

}  // namespace

std::unique_ptr<const judge> read_contains(task_fields& task) {
    return std::make_unique<one_of_answers<has_in_it>>(task);
}

}  // namespace qslip
