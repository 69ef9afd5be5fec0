#pragma once
#include <qslip/errors.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// SentencePiece's precompiled character map: prefixes of a text and what replaces them, as a double array
/// (Darts-clone) and a list of NUL-terminated replacements.
/// Source: Kudo & Richardson 2018, "SentencePiece"; Yata, "Darts-clone", unit layout.
class char_map {
public:
    /// `bytes`: little-endian array size in bytes, the array, the replacements.
    /// Errors: format (sizes contradict each other).
    static result<std::shared_ptr<const char_map>> create(std::string_view bytes);

    struct rule {
        std::size_t size_bytes = 0;  ///< of the text replaced; 0: no rule applies
        std::string_view replacement;
    };
    /// The rule for the longest prefix of `text` that has one. Steps outside the array end the search.
    rule longest(std::string_view text) const noexcept;

    /// `text` with the longest rule applied from left to right; what has no rule stays. Ends early once the
    /// result has more than `max_bytes`.
    std::string apply(std::string_view text, std::size_t max_bytes) const;

private:
    char_map(std::vector<std::uint32_t> units, std::string replacements)
        : units_(std::move(units)), replacements_(std::move(replacements)) {}
    std::string_view replacement_at(std::uint32_t offset) const noexcept;

    std::vector<std::uint32_t> units_;
    std::string replacements_;
};

}  // namespace qslip
