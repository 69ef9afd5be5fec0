#include "eval/tasks/structured_judge.hpp"

#include <qslip/detail/core/utf8.hpp>

#include "eval/tasks/canonical_text.hpp"
#include "eval/tasks/schema_faults.hpp"
#include "eval/well_formed_utf8.hpp"

namespace qslip {
namespace {

using metrics::format_fault, metrics::structured_answer;

constexpr metric ladder[] = {metric::json_extractable, metric::json_parses, metric::json_valid,
                             metric::json_values};

judgement judgement_of(const structured_answer& answer, bool is_right, std::string canonical) {
    auto j = right_or_wrong(std::move(canonical), is_right);
    for (std::uint8_t i = 0; answer.demanded && i < 4; ++i)
        j.outcomes.emplace_back(ladder[i], answer.level > i);
    if (answer.demanded && answer.tried) j.outcomes.emplace_back(metric::json_valid_if_tried, answer.valid());
    if (answer.may_call) j.outcomes.emplace_back(metric::tool_called, answer.called);
    j.structure = answer;
    return j;
}

}  // namespace

structured_judge::structured_judge(task_fields& task, structured_answer asked)
    : judge(task), asked_(asked), limits_(task.limits()) {
    if (asked.demanded) required_ = required_values(task);
    any_json_ = compiled(task, "schema", "true");
}

std::optional<schema::compiled> structured_judge::compiled(task_fields& task, std::string_view key,
                                                           const std::string& schema_text) {
    auto made = task.schemas().compiled(schema_text);
    if (made) return *std::move(made);
    task.fault(key, std::string("must be a JSON Schema: ") + made.status().message());
    return std::nullopt;
}

void structured_judge::measure(task_fields& task, std::string_view key, const schema::compiled& whole) {
    if (!asked_.demanded) return;
    const auto found = schema::complexity_of(whole);
    if (found)
        complexity_ = *found;
    else
        task.fault(key, std::string("must be a JSON Schema: ") + found.status().message());
}

/// In the order of the ladder; the ends are cut off where JSON is not demanded or no tool is offered.
std::span<const metric> structured_judge::feeds() const {
    static constexpr metric all[] = {
        metric::json_extractable,    metric::json_parses,  metric::json_valid, metric::json_values,
        metric::json_valid_if_tried, metric::task_correct, metric::tool_called};
    const std::size_t first = asked_.demanded ? 0 : 5, end = asked_.may_call ? 7 : 6;
    return std::span(all).subspan(first, end - first);
}

judgement structured_judge::no_answer() const { return judgement_of(asked_, false, ""); }

judgement structured_judge::judge_answer(std::string_view answer, bool was_cut) const {
    auto out = asked_;
    const auto body = body_of(answer).of(answer);
    const bool is_utf8 = utf8_valid_prefix(body) == body.size();
    const bool is_whole = is_utf8 && is_json(body);
    const auto json = is_whole ? std::optional(byte_range{0, body.size()}) : find_json(body);
    out.tried = json.has_value() || body.starts_with('{') || body.starts_with('[');
    if (is_whole) {
        climb(body, out);
    } else {
        out.level = json ? 1 : 0;
        out.note(is_utf8 ? text_fault(body, json.has_value(), was_cut) : format_fault::invalid_utf8);
    }
    out.called = out.may_call && json && !called_tool(json->of(body)).empty();
    const bool is_right = out.demanded ? out.level == 4 : !out.called;
    return judgement_of(out, is_right,
                        is_whole ? std::string(body) : canonical_text(well_formed_utf8(answer), false));
}

/// Levels 2 to 4, of a body that is JSON.
void structured_judge::climb(std::string_view body, structured_answer& out) const {
    out.level = 2;
    const auto verdict = schema_for(body).validate(body);
    if (!verdict) {
        out.note(fault_of(verdict.status()));
        if (verdict.status().code() == errc::format) out.level = 1;
        return;
    }
    if (!verdict->valid) return note_schema_faults(verdict->errors, out);
    out.level = required_.are_in(body, limits_) ? 4 : 3;
}

/// Why a body is no JSON as a whole.
format_fault structured_judge::text_fault(std::string_view body, bool has_json, bool was_cut) const {
    const auto bracket = body.find_first_of("{[");
    if (bracket == body.npos && !has_json) return format_fault::no_json;
    if (has_json) return format_fault::trailing_text;
    if (!is_incomplete(body.substr(bracket))) return format_fault::syntax;
    return was_cut ? format_fault::truncated : format_fault::unbalanced;
}

/// Does the text only stop too early: could more of it still make it JSON?
bool structured_judge::is_incomplete(std::string_view text) const {
    const auto broken = schema::locate_break(text, *any_json_);
    return broken && *broken && (*broken)->byte == text.size();
}

std::string structured_judge::called_tool(std::string_view json) const {
    json_reader reader(limits_);
    const auto text = json_text::copy_of(json);
    const auto root = reader.parse(text, "answer");
    const auto name = root ? root->find("name") : std::nullopt;
    const auto value = name ? name->text() : result<std::string_view>(std::string_view());
    return value ? std::string(*value) : "";
}

result<std::optional<schema::break_point>> structured_judge::locate_fault(std::string_view text) const {
    if (!asked_.demanded) return std::optional<schema::break_point>();
    const auto answer = answer_in(text);
    const auto body = body_of(answer);
    QSLIP_TRY(auto broken, schema::locate_break(body.of(answer), schema_for(body.of(answer))));
    if (broken) broken->byte += body.begin;
    return broken;
}

}  // namespace qslip
