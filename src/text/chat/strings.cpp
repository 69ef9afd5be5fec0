#include "text/chat/strings.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/utf8.hpp>

namespace qslip::chat {

static char upper_letter(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
static bool is_letter(char c) { return lower_letter(c) >= 'a' && lower_letter(c) <= 'z'; }

status need_ascii(const text& s, const std::string& what) {
    for (const char c : s.bytes())
        if (static_cast<unsigned char>(c) >= 0x80)
            return {errc::unsupported, qslip::quoted(what) + " of letters beyond ASCII"};
    return {};
}

result<text> with_case(const text& s, letter_case how, const std::string& name) {
    QSLIP_CHECK(need_ascii(s, name));
    auto bytes = s.bytes();
    bool starts = true;
    for (auto& c : bytes) {
        const bool up = how == letter_case::upper || (how != letter_case::lower && starts);
        const char before = c;
        c = up ? upper_letter(c) : lower_letter(c);
        if (how == letter_case::title_method)
            starts = !is_letter(before);
        else if (how == letter_case::title_filter)
            starts = std::string_view(" \t\n\r\v\f-({[<").find(before) != std::string_view::npos;
        else
            starts = false;
    }
    return s.with_bytes(std::move(bytes));
}

/// Bytes of the white-space character (Python's str.isspace) at the front; 0 when there is none.
static std::size_t space_bytes(std::string_view s) {
    const auto n = utf8_char_bytes(s);
    if (n == 0) return 0;
    if (n == 1) {
        const auto c = static_cast<unsigned char>(s[0]);
        return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F) ? 1 : 0;
    }
    static constexpr std::string_view wide[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
        "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
        "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
    for (const auto w : wide)
        if (s.substr(0, n) == w) return n;
    return 0;
}

/// Bytes of the last character of `s`, malformed bytes being one each.
static std::size_t last_char_bytes(std::string_view s) {
    for (std::size_t n = 1; n <= 4 && n <= s.size(); ++n)
        if (utf8_char_bytes(s.substr(s.size() - n)) == n) return n;
    return 1;
}

result<text> strip(const text& s, const std::optional<std::string>& chars, bool left, bool right,
                   budget& costs) {
    QSLIP_CHECK(costs.charge(1 + s.size() / 16 * (1 + (chars ? chars->size() / 64 : 0))));
    std::string_view bytes = s.bytes();
    const auto strips = [&](std::string_view character) {
        return chars ? chars->find(character) != std::string::npos
                     : space_bytes(character) == character.size();
    };
    std::size_t begin = 0, end = bytes.size();
    while (left && begin < end) {
        const auto n = std::max<std::size_t>(1, utf8_char_bytes(bytes.substr(begin)));
        if (!strips(bytes.substr(begin, n))) break;
        begin += n;
    }
    while (right && end > begin) {
        const auto n = last_char_bytes(bytes.substr(begin, end - begin));
        if (!strips(bytes.substr(end - n, n))) break;
        end -= n;
    }
    return s.substr(begin, end - begin);
}

std::vector<value> characters(const text& s) {
    std::vector<value> out;
    for (std::size_t at = 0; at < s.size();) {
        const auto n = std::max<std::size_t>(1, utf8_char_bytes(std::string_view(s.bytes()).substr(at)));
        out.push_back(make_text(s.substr(at, n)));
        at += n;
    }
    return out;
}

result<text> replaced(const text& s, const std::string& old, const text& with, std::int64_t most,
                      budget& costs) {
    text out;
    std::size_t at = 0;
    for (std::int64_t n = 0; n != most; ++n) {
        const auto found = s.bytes().find(old, at);
        if (found == std::string::npos) break;
        out += s.substr(at, found - at);
        out += with;
        at = found + old.size();
        QSLIP_CHECK(costs.need_string_size(out.size()));
    }
    out += s.substr(at);
    return out;
}

result<std::vector<value>> split_at(const text& s, const std::string& mark, std::int64_t most,
                                    budget& costs) {
    std::vector<value> parts;
    std::size_t at = 0;
    for (std::int64_t n = 0; n != most; ++n) {
        const auto found = s.bytes().find(mark, at);
        if (found == std::string::npos) break;
        QSLIP_CHECK(costs.charge(part_cost));
        parts.push_back(make_text(s.substr(at, found - at)));
        at = found + mark.size();
    }
    parts.push_back(make_text(s.substr(at)));
    return parts;
}

result<std::vector<value>> split_at_space(const text& s, budget& costs) {
    std::vector<value> parts;
    const std::string_view bytes = s.bytes();
    for (std::size_t at = 0; at < bytes.size();) {
        if (const auto n = space_bytes(bytes.substr(at))) {
            at += n;
            continue;
        }
        auto end = at;
        while (end < bytes.size() && space_bytes(bytes.substr(end)) == 0)
            end += std::max<std::size_t>(1, utf8_char_bytes(bytes.substr(end)));
        QSLIP_CHECK(costs.charge(part_cost));
        parts.push_back(make_text(s.substr(at, end - at)));
        at = end;
    }
    return parts;
}

}  // namespace qslip::chat
