#pragma once
// Where an output text went wrong: the first byte after which no continuation could satisfy the schema.
#include <qslip/schema/schema.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace qslip::schema {

struct break_point {
    std::size_t byte = 0;  ///< 0 .. size of the text; its size: the end of input
    std::string keyword;   ///< the violated one; empty: the text is no JSON value, whatever the schema
    std::string instance_location;  ///< JSON pointer of the value, or of the object or array around the byte
};

/// The first byte with which `text`, read from its start, can no longer become a valid instance; empty when
/// it is one. Decided at their first byte: JSON's grammar (UTF-8, half surrogates and a key that stands twice
/// included), type, enum, const, additionalProperties false, required (at the closing brace), maxItems,
/// maxLength and pattern, each where it surely applies: at the root and through properties,
/// patternProperties, additionalProperties, items, prefixItems, $ref and allOf. Every other violation, and a
/// text that merely stops, is at the end of input. A pattern is decided at the end of each character; one
/// that may begin anywhere, or whose look-ahead PCRE2 cannot rule out, is violated at the closing quote.
/// Errors: limit (json_bytes, json_depth), budget, and those of compiled::validate. Thread-safe; no
/// recursion.
result<std::optional<break_point>> locate_break(std::string_view text, const compiled& schema);

}  // namespace qslip::schema
