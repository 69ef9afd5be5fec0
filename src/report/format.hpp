#pragma once
// Numbers as a reader wants them; the same on every machine and in every locale.
#include <qslip/detail/core/numerics.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace qslip::report {

inline std::string fixed(double number, int decimals) {
    char text[400];  // the longest is -DBL_MAX with its decimals
    const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed, decimals).ptr;
    return {text, end};
}

inline std::string significant(double number, int digits) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::general, digits).ptr;
    return {text, end};
}

/// The shortest text that reads back the same.
inline std::string shortest(double number) {
    char text[32];  // the longest is a double: 24 characters
    return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

/// The same in JSON: beyond 15 digits with an exponent, so that no reader takes it for an integer too long.
inline std::string json_number(double number) {
    char text[32];
    const bool is_long = number >= 1e15 || number <= -1e15;
    const auto end = is_long ? std::to_chars(text, text + sizeof text, number, std::chars_format::scientific)
                             : std::to_chars(text, text + sizeof text, number);
    return {text, end.ptr};
}

/// A mode's name as reports write it: "A16".
inline std::string upper(numerics mode) {
    std::string name = numerics_name(mode);
    for (char& c : name)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return name;
}

/// 0.965 as "96.5 %".
inline std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

/// A difference of shares in percentage points, always with its sign: -0.038 as "-3.8".
inline std::string points(double difference) {
    const auto text = fixed(100 * difference, 1);
    return text == "-0.0" ? "0.0" : (difference > 0 && text != "0.0" ? "+" : "") + text;
}

}  // namespace qslip::report
