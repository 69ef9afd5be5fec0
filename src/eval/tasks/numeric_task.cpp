#include <algorithm>
#include <charconv>
#include <cmath>

#include "eval/tasks/all_tasks.hpp"
#include "eval/tasks/last_number.hpp"

namespace qslip {
namespace {

class numeric final : public judge {
public:
    explicit numeric(task_fields& task) : judge(task) {
        const auto from = task.answer();
        answer_ = from.object.number(from.key, "a number", [](double) { return true; }).value_or(0);
        const auto tolerance = [](double x) { return x >= 0; };
        abs_tol_ = task.number("abs_tol", "a number >= 0", tolerance).value_or(abs_tol_);
        rel_tol_ = task.number("rel_tol", "a number >= 0", tolerance).value_or(rel_tol_);
        const auto decimal = task.text("decimal");
        if (decimal && *decimal != "." && *decimal != ",") task.wrong("decimal", "be \".\" or \",\"");
        if (decimal && decimal->size() == 1) decimal_ = (*decimal)[0];
    }

private:
    judgement judge_answer(std::string_view answer, bool) const override {
        const auto x = last_number(answer, decimal_);
        if (!x) return right_or_wrong("", false);
        char shortest[32];
        std::string canonical(shortest, std::to_chars(shortest, shortest + sizeof shortest, *x).ptr);
        const double scale = std::max(std::fabs(*x), std::fabs(answer_));
        const bool is_right = std::fabs(*x - answer_) <= std::max(abs_tol_, rel_tol_ * scale);
        return right_or_wrong(std::move(canonical), is_right);
    }

    double answer_ = 0, abs_tol_ = 1e-9, rel_tol_ = 1e-6;
    char decimal_ = '.';
};

}  // namespace

std::unique_ptr<const judge> read_numeric(task_fields& task) { return std::make_unique<numeric>(task); }

}  // namespace qslip
