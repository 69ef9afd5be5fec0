#include "text/tokenizer_normalize.hpp"

#include <qslip/detail/core/utf8.hpp>

#include <utf8proc.h>
#include <algorithm>
#include <cstdlib>

namespace qslip {
namespace {

utf8proc_option_t form_options(text_edit::kind form) {
    using kind = text_edit::kind;
    int options = UTF8PROC_STABLE;
    options |= form == kind::nfc || form == kind::nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    if (form == kind::nfkc || form == kind::nfkd) options |= UTF8PROC_COMPAT;
    return static_cast<utf8proc_option_t>(options);
}

result<std::string> to_form(std::string_view text, text_edit::kind form) {
    utf8proc_uint8_t* made = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &made, form_options(form));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
    if (size < 0)
        return status(errc::no_memory, std::string("Unicode normalization: ") + utf8proc_errmsg(size));
    return std::string(reinterpret_cast<const char*>(made), static_cast<std::size_t>(size));
}

// An edit that lengthens a text stops once it has more than `max_bytes`; apply() then refuses the result.

std::string replaced(std::string_view text, std::string_view from, std::string_view to,
                     std::size_t max_bytes) {
    std::string out;
    std::size_t at = 0;
    while (out.size() <= max_bytes) {
        const std::size_t found = text.find(from, at);
        out += text.substr(at, found - at);
        if (found == text.npos) break;
        out += to;
        at = found + from.size();
    }
    return out;
}

/// Matches that are empty change nothing.
result<std::string> replaced_matches(std::string_view text, const regex::program& pattern,
                                     std::string_view to, std::size_t max_bytes) {
    QSLIP_TRY(auto scan, regex_scan::create(pattern));
    std::string out;
    for (std::size_t at = 0; at < text.size() && out.size() <= max_bytes;) {
        QSLIP_TRY(const auto found, scan.find(text, at, true));
        out += text.substr(at, found ? found->begin - at : text.npos);
        if (!found) break;
        if (found->end == found->begin) {
            const std::size_t size = utf8_char_bytes(text.substr(found->begin));
            out += text.substr(found->begin, size);
            at = found->begin + std::max<std::size_t>(size, 1);
            continue;
        }
        out += to;
        at = found->end;
    }
    return out;
}

std::string with_marked_spaces(std::string_view text, std::string_view first_mark, bool squeeze) {
    std::string out;
    out.reserve(text.size() + 3);
    bool in_word = false, any_word = false;
    for (const char c : text) {
        if (c == ' ') {
            in_word = false;
            if (!squeeze) out += space_mark;
            continue;
        }
        if (!in_word) out += squeeze ? space_mark : any_word ? std::string_view() : first_mark;
        in_word = any_word = true;
        out += c;
    }
    return out;
}

std::string prefixed(std::string_view text, std::string_view prefix, bool wanted) {
    return wanted && !text.empty() ? std::string(prefix) + std::string(text) : std::string(text);
}

result<std::string> edited(std::string_view text, const text_edit& edit, text_place place,
                           std::size_t max_bytes) {
    using kind = text_edit::kind;
    switch (edit.what) {
        case kind::nfc:
        case kind::nfd:
        case kind::nfkc:
        case kind::nfkd: return to_form(text, edit.what);
        case kind::replace: return replaced(text, edit.from, edit.to, max_bytes);
        case kind::replace_matches: return replaced_matches(text, *edit.pattern, edit.to, max_bytes);
        case kind::prepend: return prefixed(text, edit.to, place.starts_fragment);
        case kind::prepend_if_absent:
            return prefixed(text, edit.to, place.starts_fragment && !text.starts_with(edit.to));
        case kind::prepend_at_start:
            return prefixed(text, edit.to, place.starts_text && !text.starts_with(edit.to));
        case kind::charsmap: return edit.map->apply(text, max_bytes);
        case kind::mark_spaces: return with_marked_spaces(text, place.starts_fragment ? edit.to : "", false);
        case kind::squeeze_spaces: return with_marked_spaces(text, "", true);
    }
    return status(errc::internal, "a text edit without a meaning");
}

}  // namespace

result<std::string> text_normalizer::apply(std::string_view text, text_place place) const {
    const std::size_t max_bytes = std::max<std::size_t>(16 * text.size(), 1 << 20);
    std::string out(text);
    for (const auto& edit : edits_) {
        QSLIP_TRY(out, edited(out, edit, place, max_bytes));
        if (out.size() > max_bytes)
            return status(errc::limit, "the tokenizer's normalizer makes " + std::to_string(out.size()) +
                                           " bytes of a text of " + std::to_string(text.size()));
    }
    return out;
}

}  // namespace qslip
