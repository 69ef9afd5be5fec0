#include "json/json_read.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/utf8.hpp>

#include <algorithm>

#include "json/json_syntax.hpp"

namespace qslip {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t max_field_bytes = 256;

status at_line(const std::string& where, std::string_view text, std::size_t byte, const std::string& what) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(byte), '\n');
    const auto start = text.substr(0, byte).rfind('\n') + 1;  // 0 when there is none
    std::string message = escaped(where) + ": ";
    if (text.find('\n') != text.npos) message += "line " + std::to_string(line) + ", ";
    return {errc::format, message + "column " + std::to_string(byte - start + 1) + ": " + what};
}

status syntax_error(const std::string& where, std::string_view text, simdjson::error_code code) {
    if (text.starts_with(byte_order_mark))
        return {errc::format,
                escaped(where) + ": starts with a byte-order mark; save it as UTF-8 without one"};
    if (const auto valid = utf8_valid_prefix(text); valid < text.size())
        return at_line(where, text, valid, "not UTF-8");
    const auto fault = find_json_fault(text);
    if (fault) return at_line(where, text, fault->byte, fault->what);
    if (code == simdjson::NUMBER_ERROR)
        return {errc::format,
                escaped(where) + ": a number is beyond the range of 64-bit integers and doubles"};
    return {errc::format, escaped(where) + ": not JSON: " + simdjson::error_message(code)};
}

status duplicate_key(const std::string& where, std::string_view key) {
    return {errc::schema, escaped(where) + ": key " + qslip::quoted(key) + " occurs twice in one object"};
}

status fault_at(std::string_view where, std::string_view field, std::string_view what) {
    const auto name = field.empty() ? std::string() : qslip::quoted(field, max_field_bytes) + " ";
    return {errc::schema, escaped(where) + ": " + name + std::string(what)};
}

}  // namespace

result<json_text> json_text::read_file(const std::string& path, const limits& limits) {
    QSLIP_TRY(const input_file file, input_file::open(path));
    if (file.size_bytes() > limits.json_bytes)
        return status(errc::limit, escaped(path) + ": has " + grouped(file.size_bytes()) +
                                       " bytes, limit json_bytes is " + grouped(limits.json_bytes));
    simdjson::padded_string bytes(file.size_bytes());
    if (bytes.data() == nullptr && file.size_bytes() > 0)
        return status(errc::no_memory,
                      escaped(path) + ": no memory for its " + grouped(file.size_bytes()) + " bytes");
    QSLIP_CHECK(file.read_at(0, std::as_writable_bytes(std::span(bytes.data(), bytes.size()))));
    return json_text(std::move(bytes));
}

result<json_node> json_reader::parse_part(const json_text& text, std::size_t begin, std::size_t bytes,
                                          std::string where) {
    where_ = std::move(where);
    const auto part = text.view().substr(begin, bytes);
    if (part.size() > limits_.json_bytes)
        return status(errc::limit, escaped(where_) + ": has " + grouped(part.size()) +
                                       " bytes, limit json_bytes is " + grouped(limits_.json_bytes));
    // Capacity and depth belong together: the parser would otherwise choose a depth of its own.
    constexpr std::size_t least = 64;
    const auto wanted = std::max(part.size(), least);
    if (parser_->capacity() < wanted && parser_->allocate(wanted, limits_.json_depth) != simdjson::SUCCESS)
        return status(errc::no_memory,
                      escaped(where_) + ": no memory to parse " + grouped(part.size()) + " bytes");
    element root;
    // What follows the part is readable: the rest of the text, or its slack.
    const auto code = parser_->parse(part.data(), part.size(), false).get(root);
    if (code == simdjson::DEPTH_ERROR)
        return status(errc::limit, escaped(where_) + ": nested deeper than limit json_depth, " +
                                       grouped(limits_.json_depth));
    if (code == simdjson::MEMALLOC)
        return status(errc::no_memory, escaped(where_) + ": no memory to parse it");
    if (code != simdjson::SUCCESS) return syntax_error(where_, part, code);
    QSLIP_CHECK(refuse_duplicates(root));
    return json_node(root, where_, "");
}

status json_reader::refuse_duplicates(element root) const {
    std::vector<element> open{root};
    std::vector<std::string_view> keys;
    while (!open.empty()) {
        const element e = open.back();
        open.pop_back();
        simdjson::dom::array array;
        simdjson::dom::object object;
        if (e.get(array) == simdjson::SUCCESS) {
            for (const auto item : array) open.push_back(item);
        } else if (e.get(object) == simdjson::SUCCESS) {
            keys.clear();
            for (const auto member : object) {
                keys.push_back(member.key);
                open.push_back(member.value);
            }
            std::sort(keys.begin(), keys.end());
            const auto twin = std::adjacent_find(keys.begin(), keys.end());
            if (twin != keys.end()) return duplicate_key(where_, *twin);
        }
    }
    return {};
}

std::string json_node::field_of(std::string_view key) const {
    return field_.empty() ? std::string(key) : field_ + "." + std::string(key);
}

std::string json_node::described() const {
    switch (value_.type()) {
        case element_type::ARRAY: return "a list";
        case element_type::OBJECT: return "an object";
        case element_type::STRING: {
            std::string_view text;
            return value_.get(text) == simdjson::SUCCESS ? "string " + qslip::quoted(text) : "a string";
        }
        case element_type::NULL_VALUE: return "null";
        case element_type::BOOL: return simdjson::minify(value_);
        default: return "number " + simdjson::minify(value_);
    }
}

status json_node::fault(std::string_view what) const { return fault_at(where_, field_, what); }

status json_node::wrong(std::string_view must) const {
    return fault("must " + std::string(must) + ", is " + described());
}

status json_node::member_fault(std::string_view key, std::string_view what) const {
    return fault_at(where_, field_of(key), what);
}

result<std::string_view> json_node::text() const {
    std::string_view v;
    if (value_.get(v) != simdjson::SUCCESS) return wrong("be a string");
    return v;
}

result<double> json_node::number() const {
    double v = 0;
    if (value_.get(v) != simdjson::SUCCESS) return wrong("be a number");
    return v;
}

result<std::uint64_t> json_node::count() const {
    std::uint64_t v = 0;
    if (value_.get(v) != simdjson::SUCCESS) return wrong("be an integer >= 0");
    return v;
}

result<bool> json_node::boolean() const {
    bool v = false;
    if (value_.get(v) != simdjson::SUCCESS) return wrong("be true or false");
    return v;
}

result<std::vector<json_node>> json_node::items() const {
    simdjson::dom::array array;
    if (value_.get(array) != simdjson::SUCCESS) return wrong("be a list");
    std::vector<json_node> out;
    for (const auto item : array)
        out.emplace_back(item, where_, field_ + "[" + std::to_string(out.size()) + "]");
    return out;
}

result<std::vector<std::pair<std::string_view, json_node>>> json_node::members() const {
    simdjson::dom::object object;
    if (value_.get(object) != simdjson::SUCCESS) return wrong("be an object");
    std::vector<std::pair<std::string_view, json_node>> out;
    for (const auto member : object)
        out.emplace_back(member.key, json_node(member.value, where_, field_of(member.key)));
    return out;
}

std::optional<json_node> json_node::find(std::string_view key) const {
    simdjson::dom::object object;
    simdjson::dom::element value;
    if (value_.get(object) != simdjson::SUCCESS || object.at_key(key).get(value) != simdjson::SUCCESS)
        return {};
    return json_node(value, where_, field_of(key));
}

result<json_node> json_node::need(std::string_view key) const {
    if (!is_object()) return wrong("be an object");
    auto found = find(key);
    if (!found) return member_fault(key, "is missing");
    return *std::move(found);
}

}  // namespace qslip
