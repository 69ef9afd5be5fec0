#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "eval/tasks/canonical_text.hpp"
#include "eval/tasks/judge.hpp"
#include "eval/tasks/task_fields.hpp"

namespace qslip {

/// Right is an answer that `Matches` one of a list, both in canonical form: matches(answer, wanted).
template <class Matches>
class one_of_answers final : public judge {
public:
    explicit one_of_answers(task_fields& task) : judge(task), ignores_case_(task.ignores_case()) {
        constexpr std::size_t max_answers = 64;
        for (const auto& answer : task.answers(max_answers))
            answers_.push_back(canonical_text(answer, ignores_case_));
    }

private:
    judgement judge_answer(std::string_view answer, bool) const override {
        auto given = canonical_text(answer, ignores_case_);
        const bool is_right = !given.empty() && std::ranges::any_of(answers_, [&](const auto& wanted) {
            return Matches()(given, wanted);
        });
        return right_or_wrong(std::move(given), is_right);
    }

    bool ignores_case_;
    std::vector<std::string> answers_;
};

}  // namespace qslip
