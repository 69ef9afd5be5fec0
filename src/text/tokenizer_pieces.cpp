#include "text/tokenizer_pieces.hpp"

#include <algorithm>

namespace qslip {

literal_index::literal_index(std::vector<std::pair<std::string_view, std::int32_t>> literals)
    : sorted_(std::move(literals)) {
    std::sort(sorted_.begin(), sorted_.end());
    for (const auto& [text, id] : sorted_) ++first_[static_cast<std::uint8_t>(text.front()) + std::size_t{1}];
    for (std::size_t b = 1; b < first_.size(); ++b) first_[b] += first_[b - 1];
}

void literal_index::narrow(std::size_t& low, std::size_t& high, std::size_t depth, char next) const {
    const auto wanted = static_cast<std::uint8_t>(next);
    const auto byte = [&](const auto& literal) { return static_cast<std::uint8_t>(literal.first[depth]); };
    const auto begin = sorted_.begin() + static_cast<std::ptrdiff_t>(low),
               end = sorted_.begin() + static_cast<std::ptrdiff_t>(high);
    const auto from = std::partition_point(begin, end, [&](const auto& l) { return byte(l) < wanted; });
    const auto to = std::partition_point(from, end, [&](const auto& l) { return byte(l) == wanted; });
    low = static_cast<std::size_t>(from - sorted_.begin());
    high = static_cast<std::size_t>(to - sorted_.begin());
}

std::optional<literal_index::match> literal_index::find(std::string_view text, std::size_t from) const {
    if (sorted_.empty()) return {};
    for (std::size_t at = from; at < text.size(); ++at) {
        std::optional<match> longest;
        each_at(text, at, [&](const match& found) { longest = found; });
        if (longest) return longest;
    }
    return {};
}

void piece_table::reserve(std::size_t n, std::size_t total_bytes) {
    texts_.reserve(total_bytes);
    ids_.reserve(n);
}

void piece_table::add(std::string_view text, std::int32_t id) {
    const std::size_t begin = texts_.size();
    texts_ += text;
    ids_.try_emplace(std::string_view(texts_).substr(begin), id);
}

std::optional<std::int32_t> piece_table::find(std::string_view text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace qslip
