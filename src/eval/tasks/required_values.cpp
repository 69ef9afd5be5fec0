#include "eval/tasks/required_values.hpp"

#include <algorithm>

namespace qslip {

using simdjson::dom::element;

static bool holds(element found, element wanted);

static bool holds_members(element found, simdjson::dom::object wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& member) {
        element other;
        return found.is_object() && found.get_object().at_key(member.key).get(other) == simdjson::SUCCESS &&
               holds(other, member.value);
    });
}

static bool holds_items(element found, simdjson::dom::array wanted) {
    simdjson::dom::array others;
    if (found.get_array().get(others) != simdjson::SUCCESS || wanted.size() != others.size()) return false;
    auto other = others.begin();
    for (const auto item : wanted) {
        if (!holds(*other, item)) return false;
        ++other;
    }
    return true;
}

/// Is all of `wanted` in `found`? Objects may hold more. Recursion: as deep as the suite's line, which was
/// read within json_depth.
static bool holds(element found, element wanted) {
    simdjson::dom::object members;
    simdjson::dom::array items;
    if (wanted.get_object().get(members) == simdjson::SUCCESS) return holds_members(found, members);
    if (wanted.get_array().get(items) == simdjson::SUCCESS) return holds_items(found, items);
    double a = 0, b = 0;
    if (wanted.get_double().get(a) == simdjson::SUCCESS && found.get_double().get(b) == simdjson::SUCCESS)
        return a == b;
    return wanted.type() == found.type() && simdjson::minify(wanted) == simdjson::minify(found);
}

required_values::required_values(task_fields& task) {
    const auto values = task.find("required_values");
    if (!values) return;
    if (values->is_object() || values->is_array())
        text_ = simdjson::minify(values->element());
    else
        task.wrong("required_values", "be an object or a list");
}

bool required_values::are_in(std::string_view answer, const limits& limits) const {
    if (text_.empty()) return true;
    json_reader wanted_reader(limits), found_reader(limits);
    const auto wanted_text = json_text::copy_of(text_), found_text = json_text::copy_of(answer);
    const auto wanted = wanted_reader.parse(wanted_text, "required_values"),
               found = found_reader.parse(found_text, "answer");
    return wanted && found && holds(found->element(), wanted->element());
}

}  // namespace qslip
