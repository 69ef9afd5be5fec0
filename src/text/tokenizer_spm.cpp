#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/utf8.hpp>

#include <algorithm>
#include <cmath>

#include "text/tokenizer_merge_model.hpp"

namespace qslip {
namespace {

/// Every way to cut `text`, between characters, into two tokens.
void add_cuts(std::string_view text, std::int32_t id, const piece_table& pieces,
              std::vector<bpe_merge>& merges) {
    std::size_t at = 0;
    for (;;) {
        at += std::max<std::size_t>(utf8_char_bytes(text.substr(at)), 1);
        if (at >= text.size()) return;
        const auto left = pieces.find(text.substr(0, at));
        if (!left) continue;
        if (const auto right = pieces.find(text.substr(at))) merges.push_back({*left, *right, id});
    }
}

/// Equal scores share a rank.
std::vector<std::uint32_t> ranks_of(const std::vector<bpe_merge>& merges, const std::vector<double>& scores) {
    std::vector<std::uint32_t> ranks;
    ranks.reserve(merges.size());
    const auto score = [&](std::size_t i) { return scores[static_cast<std::size_t>(merges[i].product)]; };
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < merges.size(); ++i) {
        if (i > 0 && score(i) != score(i - 1)) ++rank;
        ranks.push_back(rank);
    }
    return ranks;
}

}  // namespace

result<merge_table> merges_by_score(const piece_table& pieces, const std::vector<double>& scores) {
    std::vector<bpe_merge> merges;
    for (const auto& [text, id] : pieces.all()) {
        if (std::isnan(scores[static_cast<std::size_t>(id)]))
            return status(errc::format,
                          "token " + std::to_string(id) + " (" + quoted(text) + ") has the score NaN");
        add_cuts(text, id, pieces, merges);
    }
    const auto before = [&](const bpe_merge& a, const bpe_merge& b) {
        const double x = scores[static_cast<std::size_t>(a.product)],
                     y = scores[static_cast<std::size_t>(b.product)];
        if (x != y) return x > y;
        return std::pair(a.product, a.left) < std::pair(b.product, b.left);
    };
    std::sort(merges.begin(), merges.end(), before);
    if (merges.size() >= merge_table::none)
        return status(errc::limit, std::to_string(merges.size()) + " merges; ranks are 32-bit");
    auto ranks = ranks_of(merges, scores);
    return merge_table::create(std::move(merges), scores.size(), std::move(ranks));
}

}  // namespace qslip
