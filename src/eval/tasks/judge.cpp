#include "eval/tasks/judge.hpp"

#include <algorithm>

#include "eval/tasks/task_fields.hpp"

namespace qslip {

std::optional<bool> judgement::outcome(metric wanted) const {
    for (const auto& [which, holds] : outcomes)
        if (which == wanted) return holds;
    return std::nullopt;
}

judgement right_or_wrong(std::string canonical, bool is_right) {
    judgement j;
    j.canonical = std::move(canonical);
    j.outcomes = {{metric::task_correct, is_right}};
    return j;
}

judge::judge(task_fields& task) : stops_(task.stops()) {}

std::size_t judge::answer_length(std::string_view text) const {
    std::size_t first = std::string_view::npos;
    for (const auto& stop : stops_) first = std::min(first, text.find(stop));
    return first;
}

judgement judge::judge_text(std::string_view text, bool was_cut) const {
    return judge_answer(answer_in(text), was_cut);
}

std::span<const metric> judge::feeds() const {
    static constexpr metric right[] = {metric::task_correct};
    return right;
}

judgement judge::no_answer() const {
    judgement j;
    for (const auto fed : feeds()) j.outcomes.emplace_back(fed, false);
    return j;
}

result<std::optional<schema::break_point>> judge::locate_fault(std::string_view) const {
    return std::optional<schema::break_point>();
}

}  // namespace qslip
