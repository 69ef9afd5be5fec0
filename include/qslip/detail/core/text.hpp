#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace qslip {

/// `s` with control bytes (below 0x20, 0x7F) and backslashes written as \xNN: one line, whatever the bytes.
/// Other bytes stay. For paths, which the user typed and must recognise; names from files: quote.hpp.
inline std::string escaped(std::string_view s) {
    static constexpr char hex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : s) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F && byte != '\\')
            out += c;
        else
            ((out += "\\x") += hex[byte >> 4]) += hex[byte & 15];
    }
    return out;
}

/// 98362432 as "98,362,432".
inline std::string grouped(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3)
        digits.insert(static_cast<std::size_t>(i), 1, ',');
    return digits;
}

}  // namespace qslip
