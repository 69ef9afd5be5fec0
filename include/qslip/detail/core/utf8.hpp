#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace qslip {

/// Bytes of the well-formed UTF-8 character at the front of `text`; 0 when there is none there.
/// Range: 0..4. Overlong forms, surrogates and anything above U+10FFFF are not well-formed.
/// Source: The Unicode Standard 15, table 3-7.
constexpr std::size_t utf8_char_bytes(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.size() < size) return 0;
    // Only the second byte has bounds tighter than 80..BF, and only after these four leads.
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < size; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    return size;
}

/// Bytes of the longest well-formed UTF-8 prefix of `text`; text.size() when all of it is.
constexpr std::size_t utf8_valid_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t size = utf8_char_bytes(text.substr(at));
        if (size == 0) break;
        at += size;
    }
    return at;
}

/// The UTF-8 of one code point. Needs: not a surrogate, at most 0x10FFFF.
struct utf8_char {
    std::array<char, 4> bytes{};
    std::size_t size = 0;

    constexpr explicit utf8_char(std::uint32_t code_point) noexcept {
        if (code_point < 0x80) {
            push(code_point);
        } else if (code_point < 0x800) {
            push(0xC0 | code_point >> 6);
        } else if (code_point < 0x10000) {
            push(0xE0 | code_point >> 12);
        } else {
            push(0xF0 | code_point >> 18);
        }
        if (code_point >= 0x10000) push(0x80 | (code_point >> 12 & 0x3F));
        if (code_point >= 0x800) push(0x80 | (code_point >> 6 & 0x3F));
        if (code_point >= 0x80) push(0x80 | (code_point & 0x3F));
    }
    constexpr std::string_view view() const noexcept { return {bytes.data(), size}; }

private:
    constexpr void push(std::uint32_t byte) noexcept { bytes[size++] = static_cast<char>(byte); }
};

}  // namespace qslip
