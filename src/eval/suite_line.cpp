#include "eval/suite_line.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <cmath>

#include "eval/structured.hpp"
#include "files/sha256.hpp"
#include "text/regex.hpp"

namespace qslip {
namespace {

constexpr std::size_t max_id_bytes = 256, max_name_bytes = 64, max_tags = 64, max_stops = 8,
                      max_stop_bytes = 256, min_options = 2, max_options = 64, max_answers = 64,
                      max_tools = 64;
constexpr std::uint64_t max_max_tokens = 4096;

std::uint64_t name_hash(std::string_view kind, std::string_view name) {
    sha256 hash;
    hash.update(std::as_bytes(std::span(kind)));
    hash.update(std::as_bytes(std::span(name)));
    const auto digest = hash.digest();
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < 8; ++i) first |= std::to_integer<std::uint64_t>(digest[i]) << (8 * i);
    return first;
}

/// Reads the object `task`; `gold` of the item stands in for a missing `answer`.
class task_reader {
public:
    task_reader(json_fields& item, const json_node& object, const limits& limits, json_faults& faults)
        : item_(item), f_(object, faults), faults_(faults), limits_(limits) {}

    task read() {
        f_.need("type", "; it must be one of " + task_type_list());
        const auto name = f_.text("type", 1);
        if (!name) return {};
        const auto type = find_task_type(*name);
        if (!type) {
            f_.fault("type", unknown_type(*name));
            return {};
        }
        t_.type = *type;
        if (t_.type != task_type::none) {
            t_.stops = f_.texts("stop", 1, max_stop_bytes, 1, max_stops);
            if (t_.type != task_type::numeric && !t_.is_structured())
                t_.ignore_case = f_.flag("ignore_case").value_or(false);
        }
        read_rule();
        f_.finish();
        return t_;
    }

private:
    static std::string unknown_type(std::string_view name) {
        for (const std::string_view later : {"refusal", "injection"})
            if (name == later)
                return "is " + qslip::quoted(name) +
                       ", which is not supported yet; supported: " + task_type_list();
        return "must be one of " + task_type_list() + ", is string " + qslip::quoted(name);
    }

    void read_rule() {
        switch (t_.type) {
            case task_type::none: return;
            case task_type::exact:
            case task_type::contains: t_.answers = answers(max_answers); return;
            case task_type::choice: return read_choice();
            case task_type::regex: return read_regex();
            case task_type::numeric: return read_numeric();
            case task_type::json_schema: return read_schema();
            case task_type::tool_call: return read_tools();
        }
    }

    /// `answer`, else the item's `gold`; an answer of white space only could never be given.
    std::vector<std::string> answers(std::size_t most) {
        auto& from = f_.find("answer") ? f_ : item_;
        const char* key = f_.find("answer") ? "answer" : "gold";
        if (!from.find(key)) f_.fault("answer", "is missing");
        auto list = from.texts(key, 1, limits_.text_bytes, 1, most);
        if (std::ranges::any_of(list, [](const auto& s) { return canonical_text(s, false).empty(); }))
            from.fault(key, "must have more than white space");
        return list;
    }

    void read_choice() {
        f_.need("options");
        t_.options = f_.texts("options", 1, limits_.text_bytes, min_options, max_options, false);
        t_.answers = answers(1);
        if (!t_.options.empty() && !t_.answers.empty() &&
            std::ranges::find(t_.options, t_.answers[0]) == t_.options.end())
            f_.fault("answer", "must be one of the options, is string " + qslip::quoted(t_.answers[0]));
    }

    void read_regex() {
        f_.need("pattern");
        const auto pattern = f_.text("pattern", 1);
        if (!pattern) return;
        t_.pattern = *pattern;
        if (const auto compiled = regex::compile(*pattern, limits_); !compiled)
            f_.fault("pattern", std::string("must be a regular expression: ") + compiled.status().message());
    }

    void read_numeric() {
        auto& from = f_.find("answer") ? f_ : item_;
        const char* key = f_.find("answer") ? "answer" : "gold";
        if (!from.find(key)) f_.fault("answer", "is missing");
        const auto tolerance = [](double x) { return x >= 0; };
        t_.answer_number = from.number(key, "a number", [](double) { return true; }).value_or(0);
        t_.abs_tol = f_.number("abs_tol", "a number >= 0", tolerance).value_or(t_.abs_tol);
        t_.rel_tol = f_.number("rel_tol", "a number >= 0", tolerance).value_or(t_.rel_tol);
        const auto decimal = f_.text("decimal");
        if (decimal && *decimal != "." && *decimal != ",") f_.wrong("decimal", "be \".\" or \",\"");
        if (decimal && decimal->size() == 1) t_.decimal = (*decimal)[0];
    }

    static bool is_schema(const json_node& node) { return node.is_object() || node.boolean().ok(); }
    void read_required_values() {
        const auto values = f_.find("required_values");
        if (!values) return;
        if (!values->is_object() && !values->is_array())
            return f_.wrong("required_values", "be an object or a list");
        t_.required_values = simdjson::minify(values->element());
    }
    void prepare(std::string_view key) {
        if (const auto made = prepare_structured(t_, limits_); !made.ok())
            f_.fault(key, std::string("must be a JSON Schema: ") + made.message());
    }

    void read_schema() {
        read_required_values();
        const auto given = f_.need("schema");
        if (!given) return;
        if (!is_schema(*given)) return f_.wrong("schema", "be a JSON Schema");
        t_.schema = simdjson::minify(given->element());
        prepare("schema");
    }

    void read_tools() {
        t_.must_call = f_.flag("call").value_or(true);
        if (t_.must_call) read_required_values();
        const auto given = f_.need("tools");
        if (!given) return;
        const auto list = given->items();
        if (!list || list->empty() || list->size() > max_tools)
            return f_.wrong("tools", "be a list of 1 to " + std::to_string(max_tools) + " tools");
        for (const auto& node : *list)
            if (!read_tool(node)) return;
        prepare("tools");
    }
    bool read_tool(const json_node& node) {
        if (!node.is_object()) return f_.wrong("tools", "be a list of objects"), false;
        json_fields fields(node, faults_);
        fields.need("name");
        const auto name = fields.text("name", 1, max_id_bytes);
        fields.text("description");
        const auto parameters = fields.need("parameters");
        fields.finish();
        if (!name || !parameters) return false;
        if (!is_schema(*parameters)) return fields.wrong("parameters", "be a JSON Schema"), false;
        t_.tools.push_back(make_tool(*name, simdjson::minify(parameters->element())));
        return true;
    }

    json_fields& item_;
    json_fields f_;
    json_faults& faults_;
    const limits& limits_;
    task t_;
};

/// Each message an object with `role` and `content`; what else it holds is the template's business.
void read_messages(json_fields& f, const json_node& list, suite_item& item) {
    const auto messages = list.items();
    if (!messages || messages->empty()) return f.wrong("messages", "be a list of at least one message");
    for (const auto& m : *messages) {
        const auto role = m.find("role");
        if (!role || !role->is_text() || !m.find("content"))
            return f.fault("messages", "must be a list of objects with \"role\" and \"content\"");
    }
    item.is_chat = true;
    item.content = simdjson::minify(list.element());
}

/// `prompt`, `text` or `messages`: exactly one.
void read_content(json_fields& f, const limits& limits, suite_item& item) {
    const auto messages = f.find("messages");
    const bool prompt = f.find("prompt").has_value(), text = f.find("text").has_value();
    if (messages && (prompt || text))
        return f.fault("messages",
                       std::string("cannot stand beside ") + (prompt ? "\"prompt\"" : "\"text\""));
    if (messages) return read_messages(f, *messages, item);
    if (prompt && text) return f.fault("text", "cannot stand beside \"prompt\"");
    if (!prompt && !text) return f.fault("prompt", "is missing (or \"text\", \"messages\")");
    item.is_text = text;
    if (const auto content = f.text(text ? "text" : "prompt", 1, limits.text_bytes)) item.content = *content;
}

void read_tags(json_fields& f, suite_item& item) {
    item.tags = f.texts("slice", 1, max_name_bytes, 1, max_tags);
    if (!f.find("slice")) item.tags = {"default"};
    std::ranges::sort(item.tags);
    item.tags.erase(std::unique(item.tags.begin(), item.tags.end()), item.tags.end());
    for (const std::string_view reserved : {"all", "*"})
        if (std::ranges::find(item.tags, reserved) != item.tags.end())
            f.fault("slice", "must not be " + qslip::quoted(reserved) + ", which is reserved");
}

}  // namespace

suite_item read_suite_line(json_reader& reader, std::string_view line, const std::string& where,
                           const limits& limits, json_faults& faults) {
    suite_item item;
    const auto text = json_text::copy_of(line);
    const auto root = reader.parse(text, where);
    if (!root || !root->is_object()) {
        faults.add(root ? root->wrong("be an object") : root.status());
        return item;
    }
    json_fields f(*root, faults);
    f.need("id");
    item.id = f.text("id", 1, max_id_bytes).value_or("");
    read_tags(f, item);
    read_content(f, limits, item);
    item.max_tokens =
        static_cast<std::uint32_t>(f.whole("max_tokens", 1, max_max_tokens).value_or(item.max_tokens));
    item.language = f.text("lang", 1, max_name_bytes).value_or("");
    item.category = f.text("category", 1, max_name_bytes).value_or("");
    const auto cluster = f.text("cluster", 1, max_id_bytes);
    item.cluster = cluster ? name_hash("cluster:", *cluster) : name_hash("id:", item.id);
    if (const auto gold = f.find("gold"); gold && !gold->is_text() && !gold->is_number())
        f.wrong("gold", "be a string or a number");
    f.text("snapshot");
    if (const auto t = f.object("task")) item.how = task_reader(f, *t, limits, faults).read();
    if (item.is_text && item.how.type != task_type::none)
        f.fault("task", "needs \"prompt\"; \"text\" is never answered");
    if (item.is_text && f.find("max_tokens"))
        f.fault("max_tokens", "needs \"prompt\"; \"text\" is never continued");
    f.finish();
    return item;
}

}  // namespace qslip
