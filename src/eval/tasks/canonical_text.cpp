#include "eval/tasks/canonical_text.hpp"

namespace qslip {

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
static bool is_word_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= '0' && c <= '9') || (fold(c) >= 'a' && fold(c) <= 'z') || byte >= 0x80;
}

std::string canonical_text(std::string_view text, bool fold_case) {
    std::string out;
    bool gap = false;
    for (const char c : text) {
        if (is_space(c)) {
            gap = !out.empty();
            continue;
        }
        if (gap) out += ' ';
        gap = false;
        out += fold_case ? fold(c) : c;
    }
    return out;
}

static bool whole_word_at(std::string_view text, std::size_t at, std::size_t length) {
    const bool opens = at == 0 || !is_word_byte(text[at - 1]) || !is_word_byte(text[at]);
    const std::size_t end = at + length;
    return opens && (end == text.size() || !is_word_byte(text[end]) || !is_word_byte(text[end - 1]));
}

std::size_t find_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
        if (whole_word_at(text, at, word.size())) return at;
    return std::string_view::npos;
}

}  // namespace qslip
