#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace qslip {

/// Texts to look for in a text, each with its token.
class literal_index {
public:
    /// Needs: texts unique, none empty; they outlive the index. Time of a search: O(text x longest literal).
    literal_index() = default;
    explicit literal_index(std::vector<std::pair<std::string_view, std::int32_t>> literals);

    struct match {
        std::size_t begin, size;
        std::int32_t id;
    };
    /// The first at or after `from`, the longest of those that start there.
    std::optional<match> find(std::string_view text, std::size_t from) const;

    /// Calls `visit(match)` for each literal that starts at byte `at`, shortest first.
    template <class Visit>
    void each_at(std::string_view text, std::size_t at, Visit&& visit) const {
        if (at >= text.size()) return;
        const auto lead = static_cast<std::uint8_t>(text[at]);
        std::size_t low = first_[lead], high = first_[lead + std::size_t{1}];
        for (std::size_t depth = 1; low != high; ++depth) {
            if (sorted_[low].first.size() == depth) visit(match{at, depth, sorted_[low++].second});
            if (at + depth == text.size()) return;
            narrow(low, high, depth, text[at + depth]);
        }
    }

private:
    /// Leaves of the sorted literals [low, high), equal in `depth` bytes, those with `next` as the byte
    /// after.
    void narrow(std::size_t& low, std::size_t& high, std::size_t depth, char next) const;

    std::vector<std::pair<std::string_view, std::int32_t>> sorted_;
    std::array<std::uint32_t, 257> first_{};  // [b]: the first literal whose first byte is b or more
};

/// Tokens by the text words are looked up with. Owns the texts.
class piece_table {
public:
    piece_table() = default;
    piece_table(const piece_table&) = delete;
    piece_table& operator=(const piece_table&) = delete;

    /// The first of equal texts counts. Needs: `total_bytes` is what all texts added take together.
    void reserve(std::size_t n, std::size_t total_bytes);
    void add(std::string_view text, std::int32_t id);

    std::optional<std::int32_t> find(std::string_view text) const;
    const std::unordered_map<std::string_view, std::int32_t>& all() const noexcept { return ids_; }

private:
    std::string texts_;
    std::unordered_map<std::string_view, std::int32_t> ids_;  // views into texts_
};

}  // namespace qslip
