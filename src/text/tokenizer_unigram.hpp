#pragma once
#include <memory>

#include "text/tokenizer_merge_model.hpp"
#include "text/tokenizer_pieces.hpp"

namespace qslip {

/// A word becomes the tokens whose scores (natural log-probabilities) sum highest.
/// Source: Kudo 2018, "Subword Regularization"; unknown characters as in SentencePiece.
class unigram_model final : public word_model {
public:
    piece_table texts;  ///< what `pieces` borrows from
    literal_index pieces;
    std::vector<double> scores;  ///< [n_vocab]
    double unknown_score = 0;    ///< of a character that is no token
    unknown_rule unknown;        ///< fused

    std::unique_ptr<word_encoder> start() const override;
    std::string first_difference(const word_model& other) const override;
};

}  // namespace qslip
