#include "eval/tasks/json_in_text.hpp"

#include "json/json_syntax.hpp"

namespace qslip {

byte_range trimmed(std::string_view text, byte_range range) {
    constexpr std::string_view space = " \t\r\n";
    while (!range.empty() && space.find(text[range.begin]) != space.npos) ++range.begin;
    while (!range.empty() && space.find(text[range.end - 1]) != space.npos) --range.end;
    return range;
}

bool is_json(std::string_view text) { return !text.empty() && !find_json_fault(text); }

static std::optional<byte_range> json_in_fence(std::string_view text) {
    constexpr std::string_view fence = "```";
    const auto open = text.find(fence);
    const auto line = open == text.npos ? open : text.find('\n', open);
    const auto close = line == text.npos ? line : text.find(fence, line);
    if (close == text.npos) return std::nullopt;
    const auto inside = trimmed(text, {line + 1, close});
    return is_json(inside.of(text)) ? std::optional(inside) : std::nullopt;
}

std::optional<byte_range> find_json(std::string_view text) {
    constexpr std::size_t max_brackets = 64;
    if (const auto inside = json_in_fence(text)) return inside;
    std::size_t n_brackets = 0;
    for (auto at = text.find_first_of("{["); at != text.npos && n_brackets < max_brackets;
         at = text.find_first_of("{[", at + 1), ++n_brackets)
        if (const auto size = json_value_bytes(text.substr(at))) return byte_range{at, at + *size};
    return std::nullopt;
}

}  // namespace qslip
