#include "eval/structured.hpp"

#include <qslip/detail/core/utf8.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/schema.hpp>

#include <algorithm>

#include "eval/well_formed_utf8.hpp"
#include "json/json_read.hpp"
#include "json/json_syntax.hpp"

namespace qslip {
namespace {

using metrics::format_fault;

constexpr std::string_view json_space = " \t\r\n";
constexpr std::size_t max_starts = 64;  // brackets tried when JSON is looked for inside a text

result<schema::compiled> compiled_schema(std::string_view text, const limits& limits) {
    schema::compile_options options;
    options.limits = limits;
    return schema::compile(text, options);
}

/// A part of an answer.
struct byte_range {
    std::size_t begin = 0, end = 0;
    std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
    bool empty() const { return begin == end; }
};

byte_range trimmed(std::string_view text, byte_range r) {
    while (!r.empty() && json_space.find(text[r.begin]) != json_space.npos) ++r.begin;
    while (!r.empty() && json_space.find(text[r.end - 1]) != json_space.npos) --r.end;
    return r;
}

/// What must be JSON as a whole: the answer without white space around it; a tool call also without its tags.
byte_range body_of(const task& t, std::string_view answer) {
    constexpr std::string_view open = "<tool_call>", close = "</tool_call>";
    auto r = trimmed(answer, {0, answer.size()});
    if (t.type != task_type::tool_call || !r.of(answer).starts_with(open)) return r;
    r.begin += open.size();
    if (r.of(answer).ends_with(close)) r.end -= close.size();
    return trimmed(answer, r);
}

bool is_json(std::string_view text) { return !text.empty() && !find_json_fault(text); }

/// The end of the bracket that opens at `begin`, minding strings; npos when it does not close.
std::size_t closing(std::string_view text, std::size_t begin) {
    std::size_t depth = 0;
    bool in_string = false;
    for (auto at = begin; at < text.size(); ++at) {
        const char c = text[at];
        if (in_string) {
            if (c == '\\') ++at;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

/// The first JSON object or array inside a text: in its first code fence, else at the first bracket that
/// works.
std::optional<byte_range> extracted(std::string_view text) {
    constexpr std::string_view fence = "```";
    if (const auto open = text.find(fence); open != text.npos) {
        const auto line = text.find('\n', open);
        const auto close = line == text.npos ? line : text.find(fence, line);
        if (close != text.npos) {
            const auto inside = trimmed(text, {line + 1, close});
            if (is_json(inside.of(text))) return inside;
        }
    }
    std::size_t starts = 0;
    for (auto at = text.find_first_of("{["); at != text.npos && starts < max_starts;
         at = text.find_first_of("{[", at + 1), ++starts) {
        const byte_range found{at, closing(text, at)};
        if (found.end != text.npos && is_json(found.of(text))) return found;
    }
    return std::nullopt;
}

/// Does the text only stop too early: could more of it still make it JSON?
bool is_incomplete(std::string_view text, const limits& limits) {
    const auto anything = compiled_schema("true", limits);
    if (!anything) return false;
    const auto broken = schema::locate_break(text, *anything);
    return broken && *broken && (*broken)->byte == text.size();
}

/// Why a body is no JSON as a whole.
format_fault text_fault(std::string_view body, bool has_json, bool cut, const limits& limits) {
    const auto bracket = body.find_first_of("{[");
    if (bracket == body.npos && !has_json) return format_fault::no_json;
    if (has_json) return format_fault::trailing_text;
    if (!is_incomplete(body.substr(bracket), limits)) return format_fault::syntax;
    return cut ? format_fault::truncated : format_fault::unbalanced;
}

format_fault keyword_fault(std::string_view keyword) {
    if (keyword == "type") return format_fault::wrong_type;
    if (keyword == "required" || keyword == "dependentRequired") return format_fault::missing_required;
    if (keyword == "additionalProperties" || keyword == "unevaluatedProperties" || keyword == "propertyNames")
        return format_fault::extra_key;
    return keyword == "enum" || keyword == "const" ? format_fault::enum_miss : format_fault::constraint_miss;
}

/// Keywords whose failure is that of schemas below, each of which tells its own.
bool only_passes_on(std::string_view keyword) {
    static constexpr std::string_view names[] = {
        "$ref",  "$dynamicRef",      "$recursiveRef",   "properties", "patternProperties",
        "items", "prefixItems",      "additionalItems", "allOf",      "then",
        "else",  "dependentSchemas", "dependencies"};
    return std::find(std::begin(names), std::end(names), keyword) != std::end(names);
}

/// Errors stand behind their causes; alternatives that failed count as one missed constraint.
void note_errors(const std::vector<schema::error>& errors, metrics::structured_answer& out) {
    for (auto i = errors.size(); i > 0;) {
        const auto& e = errors[i - 1];
        if (e.n_causes > 0 && only_passes_on(e.keyword)) {
            --i;
            continue;
        }
        // A schema that is `false` has no keyword of its own: what leads to it says what is wrong.
        const auto way = e.keyword_location.substr(e.keyword_location.rfind('/') + 1);
        out.note(keyword_fault(e.keyword.empty() ? way : e.keyword));
        i -= std::min<std::size_t>(i, 1 + e.n_causes);
    }
}

/// Is all of `wanted` in `found`? Objects may hold more.
bool holds(simdjson::dom::element wanted, simdjson::dom::element found) {
    simdjson::dom::object members;
    simdjson::dom::array items, others;
    if (wanted.get_object().get(members) == simdjson::SUCCESS) {
        return std::all_of(members.begin(), members.end(), [&](const auto& member) {
            simdjson::dom::element other;
            return found.is_object() &&
                   found.get_object().at_key(member.key).get(other) == simdjson::SUCCESS &&
                   holds(member.value, other);
        });
    }
    if (wanted.get_array().get(items) == simdjson::SUCCESS) {
        if (found.get_array().get(others) != simdjson::SUCCESS || items.size() != others.size()) return false;
        auto other = others.begin();
        for (const auto item : items) {
            if (!holds(item, *other)) return false;
            ++other;
        }
        return true;
    }
    double a = 0, b = 0;
    if (wanted.get_double().get(a) == simdjson::SUCCESS && found.get_double().get(b) == simdjson::SUCCESS)
        return a == b;
    return wanted.type() == found.type() && simdjson::minify(wanted) == simdjson::minify(found);
}

bool values_are_right(const task& t, std::string_view body, const limits& limits) {
    if (t.required_values.empty()) return true;
    json_reader wanted_reader(limits), found_reader(limits);
    const auto wanted_text = json_text::copy_of(t.required_values), found_text = json_text::copy_of(body);
    const auto wanted = wanted_reader.parse(wanted_text, "required_values"),
               found = found_reader.parse(found_text, "answer");
    return wanted && found && holds(wanted->element(), found->element());
}

/// The tool a JSON object names; empty when it is no call.
std::string called_tool(std::string_view json, const limits& limits) {
    json_reader reader(limits);
    const auto text = json_text::copy_of(json);
    const auto root = reader.parse(text, "answer");
    const auto name = root ? root->find("name") : std::nullopt;
    const auto value = name ? name->text() : result<std::string_view>(std::string_view());
    return value ? std::string(*value) : "";
}

/// The schema that judges a call: that of the tool it names, where it names one.
const std::string& schema_for(const task& t, std::string_view body, const limits& limits) {
    if (t.type != task_type::tool_call) return t.schema;
    if (t.tools.size() == 1) return t.tools[0].call_schema;
    const auto name = is_json(body) ? called_tool(body, limits) : "";
    for (const auto& known : t.tools)
        if (known.name == name) return known.call_schema;
    return t.schema;
}

void climb(const task& t, std::string_view body, const limits& limits, metrics::structured_answer& out) {
    out.level = 2;
    const auto compiled = compiled_schema(schema_for(t, body, limits), limits);
    const auto verdict = compiled ? compiled->validate(body) : result<schema::verdict>(compiled.status());
    if (!verdict) {
        const auto code = verdict.status().code();
        out.note(code == errc::schema   ? format_fault::duplicate_key
                 : code == errc::format ? format_fault::syntax
                                        : format_fault::budget);
        if (code == errc::format) out.level = 1;
        return;
    }
    if (!verdict->valid) return note_errors(verdict->errors, out);
    out.level = values_are_right(t, body, limits) ? 4 : 3;
}

}  // namespace

judgement judge_structured(const task& t, std::string_view answer, const limits& limits, bool cut) {
    judgement j;
    auto& out = j.structure;
    out.may_call = t.type == task_type::tool_call;
    out.demanded = !out.may_call || t.must_call;
    const auto body = body_of(t, answer).of(answer);
    const bool utf8 = utf8_valid_prefix(body) == body.size();
    auto json = utf8 && is_json(body) ? std::optional(byte_range{0, body.size()}) : std::nullopt;
    const bool whole = json.has_value();
    if (!whole) json = extracted(body);
    out.tried = json.has_value() || body.starts_with('{') || body.starts_with('[');
    if (whole) {
        climb(t, body, limits, out);
    } else {
        out.level = json ? 1 : 0;
        out.note(utf8 ? text_fault(body, json.has_value(), cut, limits) : format_fault::invalid_utf8);
    }
    out.called = out.may_call && json && !called_tool(json->of(body), limits).empty();
    j.canonical = whole ? std::string(body) : canonical_text(well_formed_utf8(answer), false);
    j.right = out.demanded ? out.level == 4 : !out.called;
    return j;
}

result<std::optional<schema::break_point>> locate_fault(const task& t, std::string_view text,
                                                        const limits& limits) {
    using found = std::optional<schema::break_point>;
    if (!t.is_structured() || (t.type == task_type::tool_call && !t.must_call)) return found();
    const auto answer = text.substr(0, answer_length(t, text));
    const auto body = body_of(t, answer);
    QSLIP_TRY(const auto compiled, compiled_schema(schema_for(t, body.of(answer), limits), limits));
    QSLIP_TRY(auto broken, schema::locate_break(body.of(answer), compiled));
    if (broken) broken->byte += body.begin;
    return broken;
}

tool_offer make_tool(std::string_view name, std::string_view parameters) {
    tool_offer made{std::string(name), ""};
    json_writer w(made.call_schema);
    w.begin_object().member("type", "object").key("properties").begin_object();
    w.key("name")
        .begin_object()
        .member("const", name)
        .end_object()
        .key("arguments")
        .raw(parameters)
        .end_object();
    w.key("required").begin_array().value("name").value("arguments").end_array().end_object();
    return made;
}

/// One tool's schema, or any of theirs.
static std::string schema_of_tools(const std::vector<tool_offer>& tools) {
    if (tools.size() == 1) return tools[0].call_schema;
    std::string text;
    json_writer w(text);
    w.begin_object().key("anyOf").begin_array();
    for (const auto& t : tools) w.raw(t.call_schema);
    w.end_array().end_object();
    return text;
}

status prepare_structured(task& t, const limits& limits) {
    if (t.type == task_type::tool_call) t.schema = schema_of_tools(t.tools);
    QSLIP_TRY(const auto compiled, compiled_schema(t.schema, limits));
    if (t.type == task_type::tool_call && !t.must_call) return {};
    QSLIP_TRY(const auto c, schema::complexity_of(compiled));
    t.complexity = c.points();
    t.tier = schema::name(c.tier());
    return {};
}

}  // namespace qslip
