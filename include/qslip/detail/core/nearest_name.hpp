#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// Edit distance of two names (insert, delete, replace, swap of neighbours cost 1), without case (ASCII).
/// Time O(|a| |b|). Source: Damerau 1964, in the restricted form (no pair is edited twice).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    const auto same = [&](std::size_t i, std::size_t j) { return lower(a[i]) == lower(b[j]); };
    std::vector<std::size_t> two_back(b.size() + 1), back(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) back[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            row[j + 1] = std::min({row[j] + 1, back[j + 1] + 1, back[j] + (same(i, j) ? 0 : 1)});
            if (i > 0 && j > 0 && same(i - 1, j) && same(i, j - 1))
                row[j + 1] = std::min(row[j + 1], two_back[j - 1] + 1);
        }
        two_back.swap(back);
        back.swap(row);
    }
    return back[b.size()];
}

/// The name a typist most likely meant: least edit distance, the first of equals; empty when none is
/// within half the length of the longer of the two. Names above 256 bytes are not considered.
template <class Names>
std::string nearest_name(std::string_view typed, const Names& names) {
    std::string best;
    std::size_t best_distance = static_cast<std::size_t>(-1);
    if (typed.size() > 256) return best;
    for (const auto& candidate : names) {
        const std::string_view name(candidate);
        if (name.size() > 256) continue;
        const auto distance = edit_distance(typed, name);
        if (distance * 2 > std::max(typed.size(), name.size()) || distance >= best_distance) continue;
        best_distance = distance;
        best = name;
    }
    return best;
}

}  // namespace qslip
