#include "schema/text_format.hpp"

#include <array>

#include "schema/ecma_pattern.hpp"

namespace qslip::schema {
namespace {

struct format_info {
    std::string_view name;
    dialect first, last;
    bool (*check)(std::string_view);
};
constexpr format_info format_table[] = {
#define QSLIP_FORMAT(id, name, first, last) {name, dialect::first, dialect::last, formats::id},
#include "schema/text_format.inc"
#undef QSLIP_FORMAT
};

}  // namespace

text_format text_format_of(std::string_view name, dialect d) {
    for (std::size_t i = 0; i < std::size(format_table); ++i)
        if (format_table[i].name == name && d >= format_table[i].first && d <= format_table[i].last)
            return static_cast<text_format>(i);
    return text_format::unknown;
}

bool has_format(std::string_view text, text_format f) {
    return f == text_format::unknown || format_table[static_cast<std::size_t>(f)].check(text);
}

namespace formats {

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool hex_digit(char c) noexcept { return digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); }
bool letter(char c) noexcept { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}
bool take_digits(std::string_view& text, int n, int& number) {
    number = 0;
    if (text.size() < static_cast<std::size_t>(n)) return false;
    for (int i = 0; i < n; ++i) {
        const char c = text[static_cast<std::size_t>(i)];
        if (!digit(c)) return false;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(static_cast<std::size_t>(n));
    return true;
}

/// RFC 4122, section 3; any version and variant.
bool uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !hex_digit(text[i])) return false;
    }
    return true;
}

/// RFC 6901.
bool json_pointer(std::string_view text) {
    if (!text.empty() && text[0] != '/') return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    return true;
}

/// draft-handrews-relative-json-pointer-01.
bool relative_json_pointer(std::string_view text) {
    std::size_t n = 0;
    while (n < text.size() && digit(text[n])) ++n;
    if (n == 0 || (n > 1 && text[0] == '0')) return false;
    text.remove_prefix(n);
    return text == "#" || json_pointer(text);
}

bool regex(std::string_view text) { return is_ecma_pattern(text); }

}  // namespace formats

text_encoding text_encoding_of(std::string_view name) {
    constexpr std::pair<std::string_view, text_encoding> names[] = {{"base64", text_encoding::base64},
                                                                    {"base64url", text_encoding::base64url},
                                                                    {"base32", text_encoding::base32},
                                                                    {"base16", text_encoding::base16}};
    for (const auto& [known, e] : names)
        if (known == name) return e;
    return text_encoding::plain;
}

bool decode(std::string_view text, text_encoding e, std::string& bytes) {
    if (e == text_encoding::plain) {
        bytes = text;
        return true;
    }
    constexpr std::string_view alphabets[] = {
        "", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEF"};
    constexpr unsigned bits_of[] = {0, 6, 6, 5, 4};
    constexpr std::size_t group_of[] = {1, 4, 4, 8, 2};
    const auto which = static_cast<std::size_t>(e);
    bytes.clear();
    if (text.size() % group_of[which] != 0) return false;
    std::size_t padding = 0;
    while (text.ends_with('=') && padding < group_of[which]) text.remove_suffix(1), ++padding;
    std::uint32_t held = 0;
    unsigned n_held = 0;
    for (const char c : text) {
        const auto code = alphabets[which].find(c);
        if (code == alphabets[which].npos) return false;
        held = (held << bits_of[which] | static_cast<std::uint32_t>(code)) & 0xffff;
        n_held += bits_of[which];
        if (n_held >= 8) bytes += static_cast<char>(held >> (n_held -= 8) & 0xff);
    }
    // A whole character of bits left over means one character too many before the padding.
    return n_held < bits_of[which] && (padding == 0 || !text.empty());
}

}  // namespace qslip::schema
