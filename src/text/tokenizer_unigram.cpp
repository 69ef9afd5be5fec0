#include "text/tokenizer_unigram.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/utf8.hpp>

#include <algorithm>
#include <limits>

namespace qslip {
namespace {

class unigram_encoder final : public word_encoder {
public:
    explicit unigram_encoder(const unigram_model& model) : model_(model) {}

    status add(std::string_view word, std::size_t offset_bytes, std::vector<std::int32_t>& ids) override {
        find_best(word);
        trace(word.size());
        for (std::size_t i = path_.size(); i-- > 0;) {
            const auto [begin, end] = path_[i];
            const auto id = best_[end].id;
            const auto part = word.substr(begin, end - begin);
            if (id >= 0) {
                ids.push_back(id);
            } else if (!model_.unknown.append(part, true, ids)) {
                return {errc::unsupported, "the vocabulary has no token for " + quoted(part) + " at offset " +
                                               std::to_string(offset_bytes + begin) + " of the text"};
            }
        }
        return {};
    }

private:
    /// The best way to spell the word up to some byte: ends with token `id` (-1: an unknown character) that
    /// starts at `begin`.
    struct step {
        double score = -std::numeric_limits<double>::infinity();
        std::size_t begin = 0;
        std::int32_t id = -1;
    };

    void find_best(std::string_view word) {
        best_.assign(word.size() + 1, {});
        best_[0].score = 0;
        for (std::size_t at = 0; at < word.size();) {
            const std::size_t size = std::max<std::size_t>(utf8_char_bytes(word.substr(at)), 1);
            bool is_known = false;
            model_.pieces.each_at(word, at, [&](const literal_index::match& found) {
                offer(at + found.size, {best_[at].score + score_of(found.id), at, found.id});
                is_known |= found.size == size;
            });
            if (!is_known) offer(at + size, {best_[at].score + model_.unknown_score, at, -1});
            at += size;
        }
    }

    double score_of(std::int32_t id) const { return model_.scores[static_cast<std::size_t>(id)]; }

    void offer(std::size_t end, step challenger) {
        if (challenger.score > best_[end].score) best_[end] = challenger;
    }

    /// The parts of the best spelling, last first; unknown characters in a row are one part.
    void trace(std::size_t size) {
        path_.clear();
        bool after_unknown = false;
        for (std::size_t end = size; end > 0; end = best_[end].begin) {
            const bool is_unknown = best_[end].id < 0;
            if (is_unknown && after_unknown) {
                path_.back().first = best_[end].begin;
            } else {
                path_.emplace_back(best_[end].begin, end);
            }
            after_unknown = is_unknown;
        }
    }

    const unigram_model& model_;
    std::vector<step> best_;
    std::vector<std::pair<std::size_t, std::size_t>> path_;  // begin, end
};

}  // namespace

std::unique_ptr<word_encoder> unigram_model::start() const {
    return std::make_unique<unigram_encoder>(*this);
}

std::string unigram_model::first_difference(const word_model& other) const {
    const auto* b = dynamic_cast<const unigram_model*>(&other);
    if (!b) return "one is a unigram model, the other is not";
    const auto at = std::mismatch(scores.begin(), scores.end(), b->scores.begin(), b->scores.end()).first;
    if (at != scores.end()) return "token " + std::to_string(at - scores.begin()) + " has two scores";
    return {};
}

}  // namespace qslip
