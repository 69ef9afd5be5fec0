#include "eval/suite_line.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>

#include "files/sha256.hpp"

namespace qslip {
namespace {

constexpr std::size_t max_id_bytes = 256, max_name_bytes = 64, max_tags = 64;
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

/// Each message an object with `role` and `content`; what else it holds is the template's business.
void read_messages(json_fields& f, const json_node& list, suite_line& line) {
    const auto messages = list.items();
    if (!messages || messages->empty()) return f.wrong("messages", "be a list of at least one message");
    for (const auto& m : *messages) {
        const auto role = m.find("role");
        if (!role || !role->is_text() || !m.find("content"))
            return f.fault("messages", "must be a list of objects with \"role\" and \"content\"");
    }
    line.is_chat = true;
    line.content = simdjson::minify(list.element());
}

void read_tags(json_fields& f, suite_line& line) {
    line.tags = f.texts("slice", 1, max_name_bytes, 1, max_tags);
    if (!f.find("slice")) line.tags = {"default"};
    std::ranges::sort(line.tags);
    line.tags.erase(std::unique(line.tags.begin(), line.tags.end()), line.tags.end());
    for (const std::string_view reserved : {"all", "*"})
        if (std::ranges::find(line.tags, reserved) != line.tags.end())
            f.fault("slice", "must not be " + quoted(reserved) + ", which is reserved");
}

void read_names(json_fields& f, suite_line& line) {
    line.language = f.text("lang", 1, max_name_bytes).value_or("");
    line.category = f.text("category", 1, max_name_bytes).value_or("");
    const auto cluster = f.text("cluster", 1, max_id_bytes);
    line.cluster = cluster ? name_hash("cluster:", *cluster) : name_hash("id:", line.id);
}

}  // namespace

/// `prompt`, `text` or `messages`: exactly one.
void suite_line_reader::read_content(json_fields& f, suite_line& line) const {
    const auto messages = f.find("messages");
    const bool prompt = f.find("prompt").has_value(), text = f.find("text").has_value();
    if (messages && (prompt || text))
        return f.fault("messages",
                       std::string("cannot stand beside ") + (prompt ? "\"prompt\"" : "\"text\""));
    if (messages) return read_messages(f, *messages, line);
    if (prompt && text) return f.fault("text", "cannot stand beside \"prompt\"");
    if (!prompt && !text) return f.fault("prompt", "is missing (or \"text\", \"messages\")");
    line.is_text = text;
    line.content = f.text(text ? "text" : "prompt", 1, limits_.text_bytes).value_or("");
}

void suite_line_reader::read_task(json_fields& f, suite_line& line) {
    if (const auto gold = f.find("gold"); gold && !gold->is_text() && !gold->is_number())
        f.wrong("gold", "be a string or a number");
    f.text("snapshot");
    if (const auto task = f.object("task")) line.judge = judges_.read(*task, f);
    if (line.is_text && line.judge != nullptr)
        f.fault("task", "needs \"prompt\"; \"text\" is never answered");
    if (line.is_text && f.find("max_tokens"))
        f.fault("max_tokens", "needs \"prompt\"; \"text\" is never continued");
}

suite_line suite_line_reader::read(std::string_view text, const std::string& where) {
    suite_line line;
    const auto padded = json_text::copy_of(text);
    const auto root = reader_.parse(padded, where);
    if (!root || !root->is_object()) {
        faults_.add(root ? root->wrong("be an object") : root.status());
        return line;
    }
    json_fields f(*root, faults_);
    f.need("id");
    line.id = f.text("id", 1, max_id_bytes).value_or("");
    read_tags(f, line);
    read_content(f, line);
    line.max_tokens =
        static_cast<std::uint32_t>(f.whole("max_tokens", 1, max_max_tokens).value_or(line.max_tokens));
    read_names(f, line);
    read_task(f, line);
    f.finish();
    return line;
}

}  // namespace qslip
