#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qslip {

/// The bytes of padded base64 without line breaks; empty when `text` is not that.
/// Source: RFC 4648, section 4.
inline std::optional<std::string> base64_decoded(std::string_view text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) return {};
    while (text.ends_with('=') && text.size() % 4 != 2) text.remove_suffix(1);
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = letters.find(text[i]);
        if (digit == letters.npos) return {};
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        if (i % 4 != 0) out += static_cast<char>(bits >> (6 - 2 * (i % 4)) & 0xFF);
    }
    return out;
}

}  // namespace qslip
