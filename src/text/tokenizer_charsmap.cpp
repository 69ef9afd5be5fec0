#include "text/tokenizer_charsmap.hpp"

#include <qslip/detail/core/utf8.hpp>

#include <algorithm>

namespace qslip {
namespace {

constexpr std::uint32_t top_bit = 1u << 31;

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}

// A unit of the array: label in bits 0-7 (and bit 31 of a value), "a value follows" in bit 8, offset of the
// children in bits 10-30, shifted by 8 when bit 9 is set.
std::uint32_t children_offset(std::uint32_t unit) { return unit >> 10 << ((unit & 1u << 9) >> 6); }
std::uint32_t label(std::uint32_t unit) { return unit & (top_bit | 0xFFu); }
bool has_value(std::uint32_t unit) { return unit >> 8 & 1u; }

}  // namespace

result<std::shared_ptr<const char_map>> char_map::create(std::string_view bytes) {
    const status contradictory(errc::format, "the precompiled character map contradicts its own size");
    if (bytes.size() < 4) return contradictory;
    const std::size_t array_bytes = u32_at(bytes, 0);
    if (array_bytes % 4 != 0 || array_bytes == 0 || array_bytes >= bytes.size() - 4) return contradictory;
    if (bytes.back() != '\0') return contradictory;
    std::vector<std::uint32_t> units(array_bytes / 4);
    for (std::size_t i = 0; i < units.size(); ++i) units[i] = u32_at(bytes, 4 + 4 * i);
    return std::shared_ptr<const char_map>(
        new char_map(std::move(units), std::string(bytes.substr(4 + array_bytes))));
}

std::string_view char_map::replacement_at(std::uint32_t offset) const noexcept {
    if (offset >= replacements_.size()) return {};
    return std::string_view(replacements_.c_str() + offset);
}

char_map::rule char_map::longest(std::string_view text) const noexcept {
    rule best;
    std::uint32_t node = children_offset(units_[0]);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<std::uint8_t>(text[at]);
        node ^= byte;
        if (byte == 0 || node >= units_.size() || label(units_[node]) != byte) break;
        const std::uint32_t unit = units_[node];
        node ^= children_offset(unit);
        if (!has_value(unit)) continue;
        if (node >= units_.size()) break;
        best = {at + 1, replacement_at(units_[node] & ~top_bit)};
    }
    return best;
}

std::string char_map::apply(std::string_view text, std::size_t max_bytes) const {
    std::string out;
    out.reserve(text.size());
    while (!text.empty() && out.size() <= max_bytes) {
        const rule found = longest(text);
        const std::size_t size =
            found.size_bytes > 0 ? found.size_bytes : std::max<std::size_t>(utf8_char_bytes(text), 1);
        out += found.size_bytes > 0 ? found.replacement : text.substr(0, size);
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace qslip
