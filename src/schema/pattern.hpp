#pragma once
// Patterns of a schema, run on PCRE2 within the step budget of the validation.
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <bitset>
#include <string>
#include <string_view>

#include "text/regex_program.hpp"

namespace qslip::schema {

/// What one thread needs to match any pattern, and what its matches cost.
struct match_memory {
    std::uint64_t budget = 0;  ///< steps that `steps` may reach
    std::uint64_t steps = 0;
    pcre2_owner<pcre2_match_data> data;
    pcre2_owner<pcre2_match_context> context;
};

/// A compiled pattern; plain prefixes and exact words, which most are, need no regex engine.
class text_pattern {
public:
    /// Errors: schema (not ECMA-262), limit (regex_pattern_bytes), unsupported by PCRE2 as schema.
    static result<text_pattern> compile(std::string_view pattern, const limits& limits);
    /// `text` is well-formed UTF-8. Errors: budget (memory.budget, regex_match_steps, regex_heap_kib),
    /// no_memory.
    result<bool> matches(std::string_view text, match_memory& memory) const;
    /// Some text that begins with `beginning` may match; false is certain. Patterns that may match from any
    /// place on are never ruled out. Errors as matches.
    result<bool> may_begin_with(std::string_view beginning, match_memory& memory) const;

private:
    std::uint64_t n_starts(std::string_view text) const;
    result<int> run(std::string_view text, std::uint32_t options, match_memory& memory) const;

    enum class shape { general, anything, prefix, exact, contains } shape_ = shape::general;
    std::string literal_;
    bool unbounded_ = false;  // one backtrack of the engine may read the whole text
    bool anchored_ = false;
    std::bitset<256> first_bytes_;
    std::shared_ptr<const regex::program> program_;
};

}  // namespace qslip::schema
