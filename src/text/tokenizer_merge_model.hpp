#pragma once
#include <qslip/limits.hpp>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "text/tokenizer_bpe.hpp"
#include "text/tokenizer_model.hpp"
#include "text/tokenizer_pieces.hpp"

namespace qslip {

/// What becomes of a part of a word that no token spells.
struct unknown_rule {
    std::array<std::int32_t, 256> byte_ids;  ///< a token for each byte; -1: none
    bool use_bytes = false;                  ///< spell it in bytes, when each of its bytes has a token
    std::optional<std::int32_t> unknown;     ///< else this token
    bool fuse = false;                       ///< several in a row are one token

    unknown_rule() { byte_ids.fill(-1); }
    /// False when there is no way to write `part`. `first`: the part does not follow another unknown one.
    bool append(std::string_view part, bool first, std::vector<std::int32_t>& ids) const;
};

/// Byte-pair encoding: a word starts as its bytes or its characters and is merged.
class merge_model final : public word_model {
public:
    enum class unit { byte, character };

    unit starts_as = unit::byte;
    merge_table merges;
    piece_table pieces;        ///< characters, or with `whole_words` all words
    unknown_rule unknown;      ///< byte_ids are the units of starts_as == byte
    bool whole_words = false;  ///< a word that is a token is that token, whatever the merges say

    std::unique_ptr<word_encoder> start() const override;
    std::string first_difference(const word_model& other) const override;
};

/// SentencePiece's BPE has scores instead of merges: any two tokens that together spell a token may merge,
/// the best score first. Scores in the order of ids; a token with score NaN is an error (format). Time:
/// O(bytes of the texts x longest text).
result<merge_table> merges_by_score(const piece_table& pieces, const std::vector<double>& scores);

}  // namespace qslip
