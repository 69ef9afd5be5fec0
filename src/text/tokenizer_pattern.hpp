#pragma once
#include <qslip/errors.hpp>

#include <string>
#include <string_view>

namespace qslip {

/// A pattern of a tokenizer.json, which is Oniguruma's, in PCRE2's syntax.
/// Errors: unsupported (set operations, nested classes, back references, escapes of another meaning; by
/// name).
result<std::string> pcre2_pattern(std::string_view oniguruma);

/// A pattern that matches `text` itself.
std::string literal_pattern(std::string_view text);

}  // namespace qslip
