#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace qslip {

/// Many short sequences, kept one after another in a few large blocks. What was added does not move.
template <class T>
class arena {
public:
    std::span<const T> add(std::span<const T> items) {
        if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < items.size()) {
            blocks_.emplace_back();
            blocks_.back().reserve(std::max(block_items, items.size()));
        }
        auto& block = blocks_.back();
        block.insert(block.end(), items.begin(), items.end());
        return std::span(block).last(items.size());
    }

private:
    static constexpr std::size_t block_items = (std::size_t{1} << 20) / sizeof(T);
    std::vector<std::vector<T>> blocks_;
};

}  // namespace qslip
