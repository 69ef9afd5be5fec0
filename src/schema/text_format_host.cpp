// Names and addresses of hosts and mailboxes. Internationalized labels: IDNA 2008, through libidn2.
#include <qslip/detail/core/utf8.hpp>

#include <idn2.h>
#include <utf8proc.h>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "schema/text_format.hpp"

namespace qslip::schema::formats {
namespace {

constexpr std::size_t host_bytes = 253, label_bytes = 63, local_part_bytes = 64;

/// RFC 1123 2.1: letters, digits and inner hyphens.
bool is_ldh_label(std::string_view label) {
    if (label.empty() || label.size() > label_bytes || label.front() == '-' || label.back() == '-')
        return false;
    for (const char c : label)
        if (!letter(c) && !digit(c) && c != '-') return false;
    return true;
}
bool is_alabel(std::string_view label) {
    return label.size() >= 4 && (label[0] | 32) == 'x' && (label[1] | 32) == 'n' &&
           label.substr(2, 2) == "--";
}
bool is_ascii(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    return true;
}

struct idn2_deleter {
    void operator()(void* p) const noexcept { idn2_free(p); }
};
template <class T>
using idn2_owner = std::unique_ptr<T, idn2_deleter>;

/// The A-label of a U-label or A-label that IDNA 2008 would register (RFC 5891 4.2; contextual rules and Bidi
/// within the label included); empty when it would not.
std::string registered(std::string_view label) {
    if (label.find('\0') != label.npos || label.size() > 4 * label_bytes) return {};
    const std::string text(label);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.c_str());
    std::uint8_t* made = nullptr;
    const bool a = is_alabel(label);
    if (idn2_register_u8(a ? nullptr : bytes, a ? bytes : nullptr, &made, 0) != IDN2_OK) return {};
    const idn2_owner<std::uint8_t> owner(made);
    std::string out(reinterpret_cast<const char*>(made));
    return out.size() <= label_bytes ? out : std::string();
}

/// The Unicode form of a registered A-label.
std::string unicode_form(const std::string& alabel) {
    char* made = nullptr;
    if (idn2_to_unicode_8z8z(alabel.c_str(), &made, 0) != IDN2_OK) return {};
    const idn2_owner<char> owner(made);
    return made;
}

std::vector<std::string_view> split_labels(std::string_view text, bool wide_dots) {
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t dot = text[i] == '.' ? 1 : 0;
        if (wide_dots)
            for (const std::string_view wide : {"\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1"})
                if (text.substr(i).starts_with(wide)) dot = wide.size();
        if (dot != 0) {
            out.push_back(text.substr(begin, i - begin));
            begin = i + dot;
        }
        i += dot != 0 ? dot : 1;
    }
    out.push_back(text.substr(begin));
    return out;
}

const utf8proc_property_t* property_of(std::string_view& text) {
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &c);
    text.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : text.size());
    return utf8proc_get_property(c);
}
bool right_to_left(std::string_view text) {
    while (!text.empty()) {
        const auto bidi = property_of(text)->bidi_class;
        if (bidi == UTF8PROC_BIDI_CLASS_R || bidi == UTF8PROC_BIDI_CLASS_AL || bidi == UTF8PROC_BIDI_CLASS_AN)
            return true;
    }
    return false;
}
/// European and Arabic digits in one label.
bool mixes_digits(std::string_view text) {
    bool european = false, arabic = false;
    while (!text.empty()) {
        const auto bidi = property_of(text)->bidi_class;
        european = european || bidi == UTF8PROC_BIDI_CLASS_EN;
        arabic = arabic || bidi == UTF8PROC_BIDI_CLASS_AN;
    }
    return european && arabic;
}
bool starts_with_letter(std::string_view text) {
    const auto bidi = property_of(text)->bidi_class;
    return bidi == UTF8PROC_BIDI_CLASS_L || bidi == UTF8PROC_BIDI_CLASS_R || bidi == UTF8PROC_BIDI_CLASS_AL;
}

/// Labels of a host name as IDNA 2008 takes them, without mapping; each a U-label, an A-label or plain.
bool idna_labels(const std::vector<std::string_view>& labels) {
    std::size_t size = labels.size() - 1;
    std::vector<std::string> shown;
    bool bidi = false;
    for (const auto label : labels) {
        const bool plain = is_ascii(label) && !is_alabel(label);
        const std::string alabel = plain ? std::string(label) : registered(label);
        if (!is_ldh_label(alabel)) return false;
        size += alabel.size();
        shown.push_back(plain ? alabel : unicode_form(alabel));
        bidi = bidi || right_to_left(shown.back());
    }
    if (size > host_bytes) return false;
    // RFC 5893: one right-to-left label puts all of them under its rules. Libidn2 looks at one label at a
    // time, and misses rule 4.
    for (const auto& label : shown)
        if (bidi && (!starts_with_letter(label) || mixes_digits(label))) return false;
    return true;
}

std::string composed(std::string_view text) {
    utf8proc_uint8_t* made = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &made,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
    return size < 0 ? std::string()
                    : std::string(reinterpret_cast<char*>(made), static_cast<std::size_t>(size));
}

/// RFC 5321 4.1.2 Dot-string, Quoted-string; with `international` RFC 6531's additions.
bool is_local_part(std::string_view text, bool international) {
    if (text.empty() || text.size() > local_part_bytes) return false;
    const bool quoted_string = text[0] == '"';
    if (quoted_string) {
        if (text.size() < 2 || text.back() != '"') return false;
        text = text.substr(1, text.size() - 2);
    }
    char before = '.';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            if (!international) return false;
        } else if (quoted_string) {
            if (c < ' ' || c > '~' || c == '"') return false;
            if (c == '\\' && (++i == text.size() || text[i] < ' ' || text[i] > '~')) return false;
        } else if (c == '.') {
            if (before == '.') return false;
        } else if (!letter(c) && !digit(c) &&
                   std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) == std::string_view::npos) {
            return false;
        }
        before = c;
    }
    return quoted_string || before != '.';
}

/// Where the local part ends; npos without one.
std::size_t at_sign(std::string_view text) {
    if (!text.starts_with('"')) return text.find('@');
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i + 1 < text.size() && text[i + 1] == '@' ? i + 1 : text.npos;
    }
    return text.npos;
}

/// RFC 5321 4.1.3.
bool address_literal(std::string_view text) {
    if (text.size() < 2 || !text.starts_with('[') || !text.ends_with(']')) return false;
    text = text.substr(1, text.size() - 2);
    if (text.starts_with("IPv6:")) return ipv6(text.substr(5));
    const auto colon = text.find(':');
    if (colon == text.npos) return ipv4(text);
    for (const char c : text.substr(colon + 1))
        if (c < '!' || c > '~' || (c >= '[' && c <= ']')) return false;
    return colon + 1 < text.size() && is_ldh_label(text.substr(0, colon));
}

bool mailbox(std::string_view text, bool international) {
    const auto at = at_sign(text);
    if (at == text.npos || !is_local_part(text.substr(0, at), international)) return false;
    const auto domain = text.substr(at + 1);
    if (domain.starts_with('[')) return address_literal(domain);
    if (!international) return hostname_rfc1123(domain);
    return domain.size() <= 4 * host_bytes && idn_hostname(composed(domain));
}

}  // namespace

bool hostname_rfc1123(std::string_view text) {
    if (text.size() > host_bytes) return false;
    for (const auto label : split_labels(text, false))
        if (!is_ldh_label(label)) return false;
    return true;
}

bool hostname(std::string_view text) {
    return hostname_rfc1123(text) && idna_labels(split_labels(text, false));
}

bool idn_hostname(std::string_view text) {
    return !text.empty() && text.size() <= 4 * host_bytes && idna_labels(split_labels(text, true));
}

bool ipv4(std::string_view text) {
    for (int part = 0; part < 4; ++part) {
        if (part > 0 && !take(text, '.')) return false;
        std::size_t n = 0;
        int number = 0;
        for (; n < text.size() && n < 3 && digit(text[n]); ++n) number = number * 10 + (text[n] - '0');
        if (n == 0 || number > 255 || (n > 1 && text[0] == '0')) return false;
        text.remove_prefix(n);
    }
    return text.empty();
}

/// RFC 4291 2.2; no zone.
bool ipv6(std::string_view text) {
    int n_groups = 0;
    bool gap = false, group_due = false;
    if (text.starts_with("::")) {
        gap = true;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        std::size_t n = 0;
        while (n < text.size() && hex_digit(text[n])) ++n;
        if (n < text.size() && text[n] == '.') {
            if (!ipv4(text)) return false;
            n_groups += 2;
            group_due = false;
            break;
        }
        if (n == 0 || n > 4) return false;
        ++n_groups;
        group_due = false;
        text.remove_prefix(n);
        if (text.empty()) break;
        if (!take(text, ':')) return false;
        group_due = true;
        if (take(text, ':')) {
            if (gap) return false;
            gap = true;
            group_due = false;
        }
    }
    return !group_due && (gap ? n_groups <= 7 : n_groups == 8);
}

bool email(std::string_view text) { return mailbox(text, false); }
bool idn_email(std::string_view text) { return mailbox(text, true); }

}  // namespace qslip::schema::formats
