#pragma once
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace qslip {

/// Where a pattern matched: bytes [begin, end) of the text.
struct regex_match {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// A compiled regular expression, Perl syntax over UTF-8; \d \s \w and case follow Unicode.
/// Every search ends: pattern size, backtracking steps and heap are bounded by the limits given to
/// compile(). Copies share the program. Thread-safe: yes.
class regex {
public:
    /// Compiles `pattern`.
    /// Errors: limit (pattern longer than regex_pattern_bytes), format (bad syntax, or a pattern that
    /// expands beyond 64 KiB of program; the message has the byte offset), no_memory.
    static result<regex> compile(std::string_view pattern, const limits& limits = {});

    /// First match at or after byte `start` of `text`; empty when there is none.
    /// Lookbehind sees the text before `start`. A match may be empty.
    /// Errors: arg (start beyond the end or inside a character), format (text is not UTF-8; the
    /// message has the byte offset), budget (a limit ended the search), no_memory.
    result<std::optional<regex_match>> find(std::string_view text, std::size_t start = 0) const;

    struct program;  // private to src/io

private:
    explicit regex(std::shared_ptr<const program> compiled) : program_(std::move(compiled)) {}
    std::shared_ptr<const program> program_;
};

}  // namespace qslip
