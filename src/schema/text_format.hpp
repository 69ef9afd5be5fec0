#pragma once
// What `format`, `contentEncoding` and `contentMediaType` demand of a string when they are asserted.
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>
#include <qslip/schema.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace qslip::schema {

enum class text_format : std::uint8_t {
#define QSLIP_FORMAT(id, name, first, last) id,
#include "schema/text_format.inc"
#undef QSLIP_FORMAT
    unknown
};

text_format text_format_of(std::string_view name, dialect d);

/// `text` is well-formed UTF-8. Linear time. An unknown format accepts everything.
bool has_format(std::string_view text, text_format f);

namespace formats {
#define QSLIP_FORMAT(id, name, first, last) bool id(std::string_view text);
#include "schema/text_format.inc"
#undef QSLIP_FORMAT

bool digit(char c) noexcept;
bool hex_digit(char c) noexcept;
bool letter(char c) noexcept;
/// Consumes exactly `n` ASCII digits; `number` is their value.
bool take_digits(std::string_view& text, int n, int& number);
bool take(std::string_view& text, char c);
/// One character that IRIs take beyond those of URIs (RFC 3987 ucschar, with iprivate if asked for) off the
/// front of `text`; false and nothing taken when there is none.
bool take_iri_character(std::string_view& text, bool private_too);
}  // namespace formats

enum class text_encoding : std::uint8_t { plain, base64, base64url, base32, base16 };

/// `plain` for an encoding that changes no bytes or is unknown.
text_encoding text_encoding_of(std::string_view name);
/// The decoded bytes; empty and false when `text` is not so encoded (RFC 4648, padded).
bool decode(std::string_view text, text_encoding e, std::string& bytes);

}  // namespace qslip::schema
