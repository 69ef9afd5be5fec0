// URIs (RFC 3986), IRIs (RFC 3987) and URI templates (RFC 6570).
#include <qslip/detail/core/utf8.hpp>

#include "schema/text_format.hpp"

namespace qslip::schema::formats {
namespace {

std::uint32_t code_point(std::string_view character) {
    std::uint32_t c = static_cast<unsigned char>(character[0]);
    if (character.size() > 1) c &= 0x3Fu >> (character.size() - 1);
    for (const char next : character.substr(1)) c = c << 6 | (static_cast<unsigned char>(next) & 0x3F);
    return c;
}

bool is_ucschar(std::uint32_t c) {
    if (c < 0x10000)
        return (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFEF);
    return (c & 0xFFFF) <= 0xFFFD && (c < 0xE0000 || (c >= 0xE1000 && c < 0xF0000));
}
bool is_iprivate(std::uint32_t c) {
    return (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && (c & 0xFFFF) <= 0xFFFD);
}

bool unreserved(char c) { return letter(c) || digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }
bool sub_delimiter(char c) { return std::string_view("!$&'()*+,;=").find(c) != std::string_view::npos; }

bool take_percent(std::string_view& text) {
    if (text.size() < 3 || text[0] != '%' || !hex_digit(text[1]) || !hex_digit(text[2])) return false;
    text.remove_prefix(3);
    return true;
}

struct reader {
    bool international;

    /// Only unreserved characters, sub-delimiters, escapes and `more`.
    bool all(std::string_view text, std::string_view more, bool private_too = false) const {
        while (!text.empty()) {
            if (unreserved(text[0]) || sub_delimiter(text[0]) || more.find(text[0]) != more.npos)
                text.remove_prefix(1);
            else if (!take_percent(text) && !(international && take_iri_character(text, private_too)))
                return false;
        }
        return true;
    }
    bool host(std::string_view text) const {
        if (!text.starts_with('[')) return all(text, "");
        if (!text.ends_with(']')) return false;
        text = text.substr(1, text.size() - 2);
        if (!text.starts_with('v') && !text.starts_with('V')) return ipv6(text);
        const auto dot = text.find('.');
        if (dot == text.npos || dot < 2 || dot + 1 == text.size()) return false;
        for (const char c : text.substr(1, dot - 1))
            if (!hex_digit(c)) return false;
        return text.find('%') == text.npos && reader{false}.all(text.substr(dot + 1), ":");
    }
    bool authority(std::string_view text) const {
        if (const auto at = text.find('@'); at != text.npos) {
            if (!all(text.substr(0, at), ":")) return false;
            text.remove_prefix(at + 1);
        }
        const auto bracket = text.rfind(']');
        const auto colon = text.find(':', bracket == text.npos ? 0 : bracket);
        for (const char c : colon == text.npos ? std::string_view() : text.substr(colon + 1))
            if (!digit(c)) return false;
        return host(text.substr(0, colon));
    }
    /// Everything behind the scheme.
    bool rest(std::string_view text, bool has_scheme) const {
        if (const auto hash = text.find('#'); hash != text.npos) {
            if (!all(text.substr(hash + 1), ":@/?")) return false;
            text = text.substr(0, hash);
        }
        if (const auto mark = text.find('?'); mark != text.npos) {
            if (!all(text.substr(mark + 1), ":@/?", true)) return false;
            text = text.substr(0, mark);
        }
        if (text.starts_with("//")) {
            const auto slash = text.find('/', 2);
            if (!authority(text.substr(2, slash == text.npos ? slash : slash - 2))) return false;
            text = slash == text.npos ? std::string_view() : text.substr(slash);
        } else if (!has_scheme && text.substr(0, text.find('/')).find(':') != text.npos) {
            return false;
        }
        return all(text, ":@/");
    }
    bool absolute(std::string_view text) const {
        const auto colon = text.find(':');
        if (colon == text.npos || colon == 0 || !letter(text[0])) return false;
        for (const char c : text.substr(0, colon))
            if (!letter(c) && !digit(c) && c != '+' && c != '-' && c != '.') return false;
        return rest(text.substr(colon + 1), true);
    }
    bool reference(std::string_view text) const { return absolute(text) || rest(text, false); }
};

bool take_variable_character(std::string_view& text) {
    if (!text.empty() && (letter(text[0]) || digit(text[0]) || text[0] == '_')) {
        text.remove_prefix(1);
        return true;
    }
    return take_percent(text);
}
bool take_variable(std::string_view& text) {
    do {
        if (!take_variable_character(text)) return false;
        while (take_variable_character(text)) {
        }
    } while (take(text, '.'));
    if (take(text, '*') || !take(text, ':')) return true;
    std::size_t n = 0;
    while (n < text.size() && digit(text[n])) ++n;
    if (n == 0 || n > 4 || text[0] == '0') return false;
    text.remove_prefix(n);
    return true;
}
bool take_expression(std::string_view& text) {
    if (text.empty()) return false;
    if (std::string_view("+#./;?&=,!@|").find(text[0]) != std::string_view::npos) text.remove_prefix(1);
    do
        if (!take_variable(text)) return false;
    while (take(text, ','));
    return take(text, '}');
}

}  // namespace

bool take_iri_character(std::string_view& text, bool private_too) {
    const auto size = utf8_char_bytes(text);
    if (size < 2) return false;
    const auto c = code_point(text.substr(0, size));
    if (!is_ucschar(c) && !(private_too && is_iprivate(c))) return false;
    text.remove_prefix(size);
    return true;
}

bool uri(std::string_view text) { return reader{false}.absolute(text); }
bool uri_reference(std::string_view text) { return reader{false}.reference(text); }
bool iri(std::string_view text) { return reader{true}.absolute(text); }
bool iri_reference(std::string_view text) { return reader{true}.reference(text); }

bool uri_template(std::string_view text) {
    constexpr std::string_view never = " \"%<>\\^`{|}\x7f";
    while (!text.empty()) {
        const char c = text[0];
        if (take(text, '{')) {
            if (!take_expression(text)) return false;
        } else if (c > ' ' && never.find(c) == never.npos) {
            text.remove_prefix(1);
        } else if (!take_percent(text) && !take_iri_character(text, true)) {
            return false;
        }
    }
    return true;
}

}  // namespace qslip::schema::formats
