#pragma once
// What Python's string methods do, byte origins kept. Callers charge for the sizes; what makes more than it
// was given is bounded here.
#include <optional>

#include "text/chat/budget.hpp"

namespace qslip::chat {

inline constexpr std::uint64_t part_cost = 8;  // a list of many small strings takes memory

/// Cost of looking for a string of m bytes in one of n.
inline std::uint64_t search_cost(std::size_t n, std::size_t m) {
    return 1 + n / 64 * std::max<std::size_t>(1, m);
}

enum class letter_case { upper, lower, capitalize, title_method, title_filter };
char lower_letter(char c);
/// Case of letters beyond ASCII is not in the subset. Errors: unsupported, naming `what`.
status need_ascii(const text& s, const std::string& what);
/// Errors: those of need_ascii.
result<text> with_case(const text& s, letter_case how, const std::string& name);

/// `chars`: the characters to strip; empty optional: white space.
result<text> strip(const text& s, const std::optional<std::string>& chars, bool left, bool right,
                   budget& costs);
std::vector<value> characters(const text& s);
/// The first `most` places, all if negative. `old` is not empty.
result<text> replaced(const text& s, const std::string& old, const text& with, std::int64_t most,
                      budget& costs);
result<std::vector<value>> split_at(const text& s, const std::string& mark, std::int64_t most, budget& costs);
result<std::vector<value>> split_at_space(const text& s, budget& costs);

}  // namespace qslip::chat
