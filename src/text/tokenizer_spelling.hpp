#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qslip {

/// Appends the bytes that `text` spells in GPT-2's byte alphabet; false (and nothing appended) when a
/// character is not a letter of it.
bool append_spelled_bytes(std::string_view text, std::string& out);

/// Appends `text` with its space marks (U+2581) as spaces.
void append_with_spaces(std::string_view text, std::string& out);

/// The byte that "<0x41>" names.
std::optional<std::uint8_t> named_byte(std::string_view text);

}  // namespace qslip
