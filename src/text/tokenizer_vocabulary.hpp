#pragma once
#include <qslip/tokenizer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer_ends.hpp"
#include "text/tokenizer_model.hpp"
#include "text/tokenizer_pieces.hpp"
#include "text/tokenizer_plan.hpp"

namespace qslip {

/// Everything a tokenizer knows, immutable once built.
struct tokenizer::vocabulary {
    std::string name, family;  // of the rules, as in tokenizer_plan
    text_normalizer normalizer, before_splitting;
    split_steps splits;
    std::string word_prefix;
    std::unique_ptr<const word_model> words;
    qslip::limits limits;

    std::string bytes;                // decoded bytes of all tokens, one after another
    std::vector<std::size_t> begins;  // [n_vocab + 1] into `bytes`
    std::vector<token_type> types;

    /// Tokens that may be written out in a text.
    struct written_out {
        literal_index user_defined, all;
        const literal_index& allowed(bool special) const noexcept { return special ? all : user_defined; }
    };
    std::vector<std::string> normalized_texts;  // of those found in normalized text
    written_out in_text, in_normalized;
    std::vector<std::int32_t> strips_left, strips_right;  // sorted

    std::optional<std::int32_t> bos, eos, eot;
    bool adds_bos = false;
    std::vector<std::int32_t> ends;  // sorted
    std::vector<std::string> notes;
    std::string digest;

    std::size_t size() const noexcept { return types.size(); }
    bool has(std::int32_t id) const noexcept { return id >= 0 && static_cast<std::size_t>(id) < size(); }
    token_type type(std::int32_t id) const noexcept { return types[static_cast<std::size_t>(id)]; }
    std::string_view token(std::int32_t id) const noexcept {
        const auto i = static_cast<std::size_t>(id);
        return std::string_view(bytes).substr(begins[i], begins[i + 1] - begins[i]);
    }

    static result<std::shared_ptr<const vocabulary>> build(const tokenizer_parts& parts, tokenizer_plan plan,
                                                           const qslip::limits& limits);
};

}  // namespace qslip
