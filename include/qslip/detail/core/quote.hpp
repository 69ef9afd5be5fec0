#pragma once
#include <qslip/detail/core/utf8.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace qslip {

/// `text` in double quotes for a message: quotes and backslashes escaped, control characters and
/// malformed UTF-8 as \xHH, cut after `max_bytes` bytes of `text` (then "..." follows the quote).
/// The result is one line of well-formed UTF-8, whatever the bytes.
inline std::string quoted(std::string_view text, std::size_t max_bytes = 64) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t size = utf8_char_bytes(text.substr(at));
        if (at + (size ? size : 1) > max_bytes) break;
        const auto byte = static_cast<std::uint8_t>(text[at]);
        // C1 controls (U+0080..U+009F) start terminal sequences too.
        const bool c1_control = size == 2 && byte == 0xC2 && static_cast<std::uint8_t>(text[at + 1]) < 0xA0;
        if (size > 1 && !c1_control) {
            out.append(text, at, size);
        } else if (size == 0 || c1_control || byte < 0x20 || byte == 0x7F) {
            for (std::size_t i = at; i < at + (size ? size : 1); ++i) {
                const auto bad = static_cast<std::uint8_t>(text[i]);
                out += {'\\', 'x', hex[bad >> 4], hex[bad & 15]};
            }
        } else {
            if (byte == '"' || byte == '\\') out += '\\';
            out += text[at];
        }
        at += size ? size : 1;
    }
    out += '"';
    if (at < text.size()) out += "...";
    return out;
}

}  // namespace qslip
