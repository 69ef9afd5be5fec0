#include "eval/tasks/task_fields.hpp"

#include <algorithm>

#include "eval/tasks/canonical_text.hpp"

namespace qslip {

std::vector<std::string> task_fields::stops() {
    constexpr std::size_t max_stops = 8, max_stop_bytes = 256;
    return texts("stop", 1, max_stop_bytes, 1, max_stops);
}

task_fields::answer_field task_fields::answer() {
    if (find("answer")) return {*this, "answer"};
    if (!item_.find("gold")) fault("answer", "is missing");
    return {item_, "gold"};
}

std::vector<std::string> task_fields::answers(std::size_t max_count) {
    const auto from = answer();
    auto list = from.object.texts(from.key, 1, limits_.text_bytes, 1, max_count);
    refuse_blank(from.object, from.key, list);
    return list;
}

void task_fields::refuse_blank(json_fields& object, std::string_view key,
                               const std::vector<std::string>& texts) {
    if (std::ranges::any_of(texts, [](const auto& text) { return canonical_text(text, false).empty(); }))
        object.fault(key, "must have more than white space");
}

}  // namespace qslip
