#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace qslip {

/// Bytes [begin, end) of an answer.
struct byte_range {
    std::size_t begin = 0, end = 0;
    std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
    bool empty() const { return begin == end; }
};

/// `range` without JSON's white space at its ends.
byte_range trimmed(std::string_view text, byte_range range);
inline byte_range trimmed(std::string_view text) { return trimmed(text, {0, text.size()}); }

bool is_json(std::string_view text);

/// The first JSON object or array inside a text: in its first code fence, else at the first bracket that
/// works. Tries 64 brackets.
std::optional<byte_range> find_json(std::string_view text);

}  // namespace qslip
