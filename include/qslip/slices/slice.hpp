#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// What a slice may select an item by. Borrowed for the call.
struct item_traits {
    const std::vector<std::string>* tags = nullptr;
    std::string_view language, category;
    std::uint64_t n_prompt_tokens = 0;
    std::string_view tier = {};  ///< "S0" to "S3" by the complexity of the schema; empty: no JSON demanded
    bool may_call = false;       ///< tools are offered
};

/// A half-open range [lo, hi) of token counts or positions.
struct token_range {
    std::uint64_t lo = 0, hi = ~std::uint64_t{0};
    bool holds(std::uint64_t n) const { return lo <= n && n < hi; }
};

/// Which items, and which of their scored positions, a slice holds. All conditions must hold; a list means
/// any of its members; an empty condition always holds. docs/registry.md.
struct slice_selector {
    std::vector<std::string> tags, languages, categories, tiers;
    std::optional<token_range> prompt_tokens, position;
    bool digit_tokens = false;

    /// Such a slice has distances but no answers.
    bool selects_positions() const { return position.has_value() || digit_tokens; }

    bool takes_item(const item_traits& item) const {
        const auto is_any = [](const std::vector<std::string>& list, std::string_view value) {
            return list.empty() || std::ranges::find(list, value) != list.end();
        };
        const bool tag_ok =
            tags.empty() || std::ranges::any_of(*item.tags, [&](const auto& t) { return is_any(tags, t); });
        return tag_ok && is_any(tiers, item.tier) && is_any(languages, item.language) &&
               is_any(categories, item.category) &&
               (!prompt_tokens || prompt_tokens->holds(item.n_prompt_tokens));
    }
    /// Of an item that is taken. `position`: index of the predicting token in its sequence.
    bool takes_position(std::uint64_t at, bool target_is_digit) const {
        return (!position || position->holds(at)) && (!digit_tokens || target_is_digit);
    }
};

/// Token class `digit`: ASCII digits only, with at most one space before them.
inline bool is_digit_token(std::string_view bytes) {
    if (bytes.starts_with(' ')) bytes.remove_prefix(1);
    return !bytes.empty() && std::ranges::all_of(bytes, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace qslip
