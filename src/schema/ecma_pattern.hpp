#pragma once
// Regular expressions of ECMA-262 (flag u) in PCRE2's syntax.
#include <qslip/errors.hpp>

#include <string>
#include <string_view>

namespace qslip::schema {

/// The same language in PCRE2's syntax. Errors: schema (not ECMA-262; with the byte offset).
result<std::string> ecma_to_pcre2(std::string_view pattern);

/// `pattern` is an ECMA-262 pattern (flag u), whether or not PCRE2 can run it.
bool is_ecma_pattern(std::string_view pattern);

}  // namespace qslip::schema
