#include <qslip/detail/json/json_writer.hpp>

#include <algorithm>

#include "eval/tasks/all_tasks.hpp"
#include "eval/tasks/structured_judge.hpp"

namespace qslip {
namespace {

/// A tool that may be called, with the schema of a whole call: {"name": ..., "arguments": {...}}.
struct offered_tool {
    std::string name, call_schema_text;
    std::optional<schema::compiled> call_schema = {};
};

std::string call_schema_of(std::string_view name, std::string_view parameters) {
    std::string text;
    json_writer w(text);
    w.begin_object().member("type", "object").key("properties").begin_object();
    w.key("name").begin_object().member("const", name).end_object();
    w.key("arguments").raw(parameters).end_object();
    w.key("required").begin_array().value("name").value("arguments").end_array().end_object();
    return text;
}

/// One tool's schema, or any of theirs.
std::string any_call_of(const std::vector<offered_tool>& tools) {
    if (tools.size() == 1) return tools[0].call_schema_text;
    std::string text;
    json_writer w(text);
    w.begin_object().key("anyOf").begin_array();
    for (const auto& tool : tools) w.raw(tool.call_schema_text);
    w.end_array().end_object();
    return text;
}

class tool_call final : public structured_judge {
public:
    explicit tool_call(task_fields& task)
        : structured_judge(task, {.demanded = task.flag("call").value_or(true), .may_call = true}) {
        if (read_tools(task)) compile(task);
    }

private:
    bool read_tools(task_fields& task) {
        constexpr std::size_t max_tools = 64;
        const auto given = task.need("tools");
        if (!given) return false;
        const auto list = given->items();
        if (!list || list->empty() || list->size() > max_tools) {
            task.wrong("tools", "be a list of 1 to " + std::to_string(max_tools) + " tools");
            return false;
        }
        return std::ranges::all_of(*list, [&](const auto& node) { return read_tool(node, task); });
    }

    bool read_tool(const json_node& node, task_fields& task) {
        constexpr std::size_t max_name_bytes = 256;
        if (!node.is_object()) return task.wrong("tools", "be a list of objects"), false;
        json_fields fields(node, task.faults());
        fields.need("name");
        const auto name = fields.text("name", 1, max_name_bytes);
        fields.text("description");
        const auto parameters = fields.need("parameters");
        fields.finish();
        if (!name || !parameters) return false;
        if (!is_schema(*parameters)) return fields.wrong("parameters", "be a JSON Schema"), false;
        tools_.push_back({*name, call_schema_of(*name, simdjson::minify(parameters->element()))});
        return true;
    }

    void compile(task_fields& task) {
        any_call_ = compiled(task, "tools", any_call_of(tools_));
        if (any_call_) measure(task, "tools", *any_call_);
        for (auto& tool : tools_)
            if (any_call_) tool.call_schema = compiled(task, "tools", tool.call_schema_text);
    }

    /// A pair of <tool_call> tags is not part of the JSON.
    byte_range body_of(std::string_view answer) const override {
        constexpr std::string_view open = "<tool_call>", close = "</tool_call>";
        auto range = trimmed(answer);
        if (!range.of(answer).starts_with(open)) return range;
        range.begin += open.size();
        if (range.of(answer).ends_with(close)) range.end -= close.size();
        return trimmed(answer, range);
    }

    /// That of the tool which is called, where one is.
    const schema::compiled& schema_for(std::string_view body) const override {
        const auto name = tools_.size() > 1 && is_json(body) ? called_tool(body) : "";
        for (const auto& tool : tools_)
            if (tool.name == name) return *tool.call_schema;
        return *any_call_;
    }

    std::vector<offered_tool> tools_;
    std::optional<schema::compiled> any_call_;
};

}  // namespace

std::unique_ptr<const judge> read_tool_call(task_fields& task) { return std::make_unique<tool_call>(task); }

}  // namespace qslip
