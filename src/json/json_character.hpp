#pragma once
#include <cstddef>
#include <string_view>

namespace qslip {

/// What the strings of a JSON text may hold.
enum class json_strings {
    bytes,    ///< the grammar alone: any byte from 0x20 on, \u with any four hex digits
    unicode,  ///< characters only: UTF-8, surrogates in pairs
};

/// One character of a string as JSON writes it: itself, an escape, or the two \u of a surrogate pair.
struct json_character {
    std::size_t size_bytes;  ///< of the character; of its sound beginning when it is broken or cut off
    const char* fault;       ///< what is wrong behind these bytes; null for a whole character
};

/// The character at the front of `text`, which is not empty and does not begin with a quote.
json_character read_json_character(std::string_view text, json_strings strings);

}  // namespace qslip
