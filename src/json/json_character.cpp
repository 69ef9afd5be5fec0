#include "json/json_character.hpp"

#include <qslip/detail/core/utf8.hpp>

#include <algorithm>
#include <span>
#include <string>

namespace qslip {
namespace {

constexpr std::string_view hex = "0123456789abcdefABCDEF", hex_without_d = "0123456789abcefABCEF", d = "dD",
                           unescaped_letters = "\"\\/bfnrt";

/// The bytes that may stand at each place of an escape.
using escape_form = std::span<const std::string_view>;
constexpr std::string_view short_form[] = {"\\", unescaped_letters};
constexpr std::string_view any_unit[] = {"\\", "u", hex, hex, hex, hex};
constexpr std::string_view plain_unit[] = {"\\", "u", hex_without_d, hex, hex, hex};
constexpr std::string_view last_plain_units[] = {"\\", "u", d, "01234567", hex, hex};
constexpr std::string_view surrogate_pair[] = {"\\", "u", d, "89abAB",   hex, hex,
                                               "\\", "u", d, "cdefCDEF", hex, hex};
constexpr escape_form byte_forms[] = {short_form, any_unit};
constexpr escape_form unicode_forms[] = {short_form, plain_unit, last_plain_units, surrogate_pair};

std::size_t fitting_bytes(std::string_view text, escape_form form) {
    const auto most = std::min(text.size(), form.size());
    std::size_t n = 0;
    while (n < most && form[n].find(text[n]) != std::string_view::npos) ++n;
    return n;
}

/// Of an escape that goes wrong after `sound_bytes`.
const char* escape_fault(std::string_view text, std::size_t sound_bytes) {
    const bool at_end = sound_bytes == text.size();
    if (sound_bytes == 1) return at_end ? "a string without its closing quote" : "an unknown escape";
    const bool has_digit = !at_end && hex.find(text[sound_bytes]) != hex.npos;
    const bool is_half = sound_bytes >= std::size(any_unit) || has_digit;
    return is_half ? "half of a surrogate pair" : "four hex digits are due after \\u";
}

json_character escape(std::string_view text, json_strings strings) {
    std::size_t sound_bytes = 0;
    for (const auto form : strings == json_strings::bytes ? std::span<const escape_form>(byte_forms)
                                                          : std::span<const escape_form>(unicode_forms)) {
        const auto n = fitting_bytes(text, form);
        if (n == form.size()) return {n, nullptr};
        sound_bytes = std::max(sound_bytes, n);
    }
    return {sound_bytes, escape_fault(text, sound_bytes)};
}

/// Bytes of the broken UTF-8 at the front that could still become a character.
std::size_t sound_utf8_bytes(std::string_view text) {
    constexpr std::string_view tails[] = {"\x80", "\x80\x80", "\x80\x80\x80", "\x90\x80\x80", "\xA0\x80"};
    std::size_t sound = 0;
    for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size)
        for (const auto tail : tails)
            if (utf8_char_bytes(std::string(text.substr(0, size)).append(tail)) > size) sound = size;
    return sound;
}

}  // namespace

json_character read_json_character(std::string_view text, json_strings strings) {
    if (static_cast<unsigned char>(text[0]) < 0x20) return {0, "a control character inside a string"};
    if (text[0] == '\\') return escape(text, strings);
    if (strings == json_strings::bytes) return {1, nullptr};
    const auto size = utf8_char_bytes(text);
    return size != 0 ? json_character{size, nullptr} : json_character{sound_utf8_bytes(text), "not UTF-8"};
}

}  // namespace qslip
