#pragma once
#include <qslip/detail/core/utf8.hpp>

#include <string>
#include <string_view>

namespace qslip {

/// `s` with each byte that is no part of a character replaced by U+FFFD: a generated text may end, or be
/// wrong, inside a character.
inline std::string well_formed_utf8(std::string_view s) {
    std::string out;
    while (!s.empty()) {
        const auto n = utf8_char_bytes(s);
        out += n == 0 ? std::string_view("\xEF\xBF\xBD") : s.substr(0, n);
        s.remove_prefix(n == 0 ? 1 : n);
    }
    return out;
}

}  // namespace qslip
