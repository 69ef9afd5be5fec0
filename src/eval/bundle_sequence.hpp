#pragma once
// What the parts of the bundle runner share: an item under way.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/bundle_runner.hpp"

namespace qslip {

/// An item under way.
struct bundle_runner::sequence {
    struct branch {                        ///< one candidate's
        std::vector<std::int32_t> tokens;  ///< its own continuation, kept once it left the base's
        std::string text;
        std::optional<std::size_t> left_at;
        bool ended = false, nonfinite = false;
        item_result result;
    };
    work_item item;
    base_rows base;
    std::vector<std::optional<kv_cache>>
        caches;                        ///< base first; none of an arm that is not run; empty: texts
    std::size_t n_cached = 0;          ///< prompt tokens they hold already
    std::size_t first_scored = 0;      ///< its first row among the bundle's scored rows
    std::vector<std::int32_t> path;    ///< what the candidates read: prompt and the base's words
    std::vector<std::int32_t> tokens;  ///< the base's words so far
    std::string text;
    std::size_t n_taken = 0;  ///< scored positions taken into the branches
    bool ended = false;
    std::vector<branch> branches;
};

/// Rows first ... first + n - 1 of a forward pass.
inline std::span<const float> hidden_rows(const std::vector<float>& hidden, std::size_t d_model,
                                          std::size_t first, std::size_t n) {
    return std::span(hidden).subspan(first * d_model, n * d_model);
}

/// Adds a token to a continuation. True when that ends it.
bool append_token(std::int32_t token, const work_item& item, const tokenizer& vocab,
                  std::vector<std::int32_t>& tokens, std::string& text);

}  // namespace qslip
