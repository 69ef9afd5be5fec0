#pragma once
#include <qslip/tokenizer.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/tokenizer_bpe.hpp"
#include "text/tokenizer_split.hpp"

namespace qslip {

/// Types of tokens, numbered as in GGUF.
enum class token_type : std::uint8_t { undefined, normal, unknown, control, user_defined, unused, byte };

/// Texts to look for in a text, longest first where several start at one place.
class literal_index {
public:
    /// Needs: texts unique, none empty. Time of a search: O(text x longest literal).
    literal_index() = default;
    explicit literal_index(std::vector<std::pair<std::string_view, std::int32_t>> literals);

    struct match {
        std::size_t begin, size;
        std::int32_t id;
    };
    /// The first at or after `from`.
    std::optional<match> find(std::string_view text, std::size_t from) const;

private:
    std::optional<match> longest_at(std::string_view text, std::size_t at) const;

    std::vector<std::pair<std::string_view, std::int32_t>> sorted_;
    std::array<bool, 256> starts_{};
};

/// Everything a tokenizer knows, immutable once built.
struct tokenizer::vocabulary {
    std::string pre;
    const pre_rule* rule = nullptr;
    split_programs splits;
    qslip::limits limits;

    std::string bytes;                // decoded bytes of all tokens, one after another
    std::vector<std::size_t> begins;  // [n_vocab + 1] into `bytes`
    std::vector<token_type> types;
    std::array<std::int32_t, 256> byte_ids{};  // -1: the byte has no token
    merge_table merges;
    std::unordered_map<std::string_view, std::int32_t> words;  // for ignore_merges; views into `bytes`
    literal_index user_defined, all_literals;

    std::optional<std::int32_t> bos, eos, eot;
    bool adds_bos = false;
    std::vector<std::int32_t> ends;  // sorted
    std::string digest;

    std::size_t size() const noexcept { return types.size(); }
    bool has(std::int32_t id) const noexcept { return id >= 0 && static_cast<std::size_t>(id) < size(); }
    token_type type(std::int32_t id) const noexcept { return types[static_cast<std::size_t>(id)]; }
    std::string_view token(std::int32_t id) const noexcept {
        const auto i = static_cast<std::size_t>(id);
        return std::string_view(bytes).substr(begins[i], begins[i + 1] - begins[i]);
    }

    static result<std::shared_ptr<const vocabulary>> build(const tokenizer_parts& parts,
                                                           const qslip::limits& limits);
};

}  // namespace qslip
