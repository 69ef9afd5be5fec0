#pragma once
// Regular expressions with ECMA-262 meaning (flag u) on PCRE2.
#include <qslip/core/limits.hpp>
#include <qslip/core/result.hpp>

#include <string>
#include <string_view>

#include "io/regex_program.hpp"

namespace qslip::schema {

/// The same language in PCRE2's syntax. Errors: schema (not ECMA-262; with the byte offset).
result<std::string> ecma_to_pcre2(std::string_view pattern);

/// `pattern` is an ECMA-262 pattern (flag u), whether or not PCRE2 can run it.
bool is_ecma_pattern(std::string_view pattern);

/// A compiled pattern; plain prefixes and exact words, which most are, need no regex engine.
class text_pattern {
public:
    static result<text_pattern> compile(std::string_view pattern, const limits& lim);
    /// `scan`: this thread's scratch, made on first use. Errors: budget, no_memory.
    result<bool> matches(std::string_view text, std::unique_ptr<regex_scan>& scan) const;

    /// Some text that begins with `beginning` may match; false is certain. Patterns that may match from any
    /// place on are never ruled out. Errors: budget, no_memory.
    result<bool> may_begin_with(std::string_view beginning) const;

private:
    enum class shape { general, anything, prefix, exact, contains } shape_ = shape::general;
    std::string literal_;
    std::shared_ptr<const regex::program> program_;
};

}  // namespace qslip::schema
