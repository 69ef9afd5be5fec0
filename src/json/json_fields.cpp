#include "json/json_fields.hpp"

#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>

namespace qslip {
namespace {

std::string string_rule(std::size_t min_bytes, std::size_t max_bytes) {
    if (max_bytes == ~std::size_t{}) return min_bytes == 0 ? "be a string" : "be a string that is not empty";
    return "be a string of " + std::to_string(min_bytes) + " to " + std::to_string(max_bytes) + " bytes";
}

result<std::string> bounded_text(const json_node& node, std::size_t min_bytes, std::size_t max_bytes) {
    const auto s = node.text();
    if (!s || s->size() < min_bytes || s->size() > max_bytes)
        return node.wrong(string_rule(min_bytes, max_bytes));
    return std::string(*s);
}

}  // namespace

std::optional<json_node> json_fields::need(std::string_view key, const std::string& rule) {
    auto found = find(key);
    if (!found) fault(key, "is missing" + rule);
    return found;
}

std::optional<std::string> json_fields::text(std::string_view key, std::size_t min_bytes,
                                             std::size_t max_bytes) {
    const auto value = find(key);
    if (!value) return std::nullopt;
    auto s = bounded_text(*value, min_bytes, max_bytes);
    if (s) return *std::move(s);
    faults_->add(s.status());
    return std::nullopt;
}

std::vector<std::string> json_fields::texts(std::string_view key, std::size_t min_bytes,
                                            std::size_t max_bytes, std::size_t min_count,
                                            std::size_t max_count, bool single_ok) {
    const auto value = find(key);
    if (!value) return {};
    const bool single = single_ok && value->is_text();
    const auto rule = std::string(single_ok ? "a string or a list of " : "a list of ") +
                      std::to_string(min_count) + " to " + std::to_string(max_count) + " strings";
    if (!single && !value->is_array()) {
        wrong(key, "be " + rule);
        return {};
    }
    const auto items = single ? std::vector{*value} : *value->items();
    if (!single && (items.size() < min_count || items.size() > max_count)) {
        fault(key, "must be " + rule + ", has " + std::to_string(items.size()));
        return {};
    }
    std::vector<std::string> out;
    for (const auto& item : items) {
        auto s = bounded_text(item, min_bytes, max_bytes);
        if (!s) {
            faults_->add(s.status());
            return {};
        }
        out.push_back(*std::move(s));
    }
    return out;
}

std::optional<std::uint64_t> json_fields::whole(std::string_view key, std::uint64_t min, std::uint64_t max) {
    const auto value = find(key);
    if (!value) return std::nullopt;
    if (const auto n = value->count(); n && *n >= min && *n <= max) return *n;
    wrong(key, "be an integer from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
}

std::optional<bool> json_fields::flag(std::string_view key) {
    const auto value = find(key);
    if (!value) return std::nullopt;
    if (const auto b = value->boolean()) return *b;
    wrong(key, "be true or false");
    return std::nullopt;
}

std::optional<json_node> json_fields::object(std::string_view key) {
    auto value = find(key);
    if (!value || value->is_object()) return value;
    wrong(key, "be an object");
    return std::nullopt;
}

void json_fields::finish() {
    const auto members = object_.members();
    for (const auto& [key, value] : *members) {
        if (known_.contains(key)) continue;
        const auto near = nearest_name(key, known_);
        fault(key, "is not known here" + (near.empty() ? "" : "; did you mean " + qslip::quoted(near) + "?"));
    }
}

}  // namespace qslip
