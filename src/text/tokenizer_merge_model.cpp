#include "text/tokenizer_merge_model.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/utf8.hpp>

#include <algorithm>

namespace qslip {
namespace {

class merge_encoder final : public word_encoder {
public:
    explicit merge_encoder(const merge_model& model) : model_(model), merger_(model.merges) {}

    status add(std::string_view word, std::size_t offset_bytes, std::vector<std::int32_t>& ids) override {
        if (model_.whole_words)
            if (const auto id = model_.pieces.find(word)) {
                ids.push_back(*id);
                return {};
            }
        bool after_unknown = false;
        for (std::size_t at = 0; at < word.size();) {
            const auto part = word.substr(at, unit_bytes(word.substr(at)));
            if (const auto id = start_of(part); id >= 0) {
                symbols_.push_back(id);
                after_unknown = false;
            } else {
                QSLIP_CHECK(merge_into(ids));
                if (!model_.unknown.append(part, !after_unknown, ids))
                    return unspelled(part, offset_bytes + at);
                after_unknown = true;
            }
            at += part.size();
        }
        return merge_into(ids);
    }

private:
    std::size_t unit_bytes(std::string_view text) const {
        if (model_.starts_as == merge_model::unit::byte) return 1;
        return std::max<std::size_t>(utf8_char_bytes(text), 1);
    }

    std::int32_t start_of(std::string_view part) const {
        if (model_.starts_as == merge_model::unit::byte)
            return model_.unknown.byte_ids[static_cast<std::uint8_t>(part.front())];
        return model_.pieces.find(part).value_or(-1);
    }

    status merge_into(std::vector<std::int32_t>& ids) {
        QSLIP_CHECK(merger_.merge(symbols_));
        ids.insert(ids.end(), symbols_.begin(), symbols_.end());
        symbols_.clear();
        return {};
    }

    static status unspelled(std::string_view part, std::size_t offset_bytes) {
        return {errc::unsupported, std::string("the vocabulary has no token for the ") +
                                       (part.size() == 1 ? "byte " : "character ") + quoted(part) +
                                       " at offset " + std::to_string(offset_bytes) + " of the text"};
    }

    const merge_model& model_;
    word_merger merger_;
    std::vector<std::int32_t> symbols_;
};

}  // namespace

bool unknown_rule::append(std::string_view part, bool first, std::vector<std::int32_t>& ids) const {
    const auto id_of = [&](char c) { return byte_ids[static_cast<std::uint8_t>(c)]; };
    if (use_bytes && std::all_of(part.begin(), part.end(), [&](char c) { return id_of(c) >= 0; })) {
        for (const char c : part) ids.push_back(id_of(c));
        return true;
    }
    if (!unknown) return false;
    if (first || !fuse) ids.push_back(*unknown);
    return true;
}

std::unique_ptr<word_encoder> merge_model::start() const { return std::make_unique<merge_encoder>(*this); }

std::string merge_model::first_difference(const word_model& other) const {
    const auto* b = dynamic_cast<const merge_model*>(&other);
    if (!b) return "one merges pairs of tokens, the other does not";
    const auto same = [](const bpe_merge& m, const bpe_merge& n) {
        return m.left == n.left && m.right == n.right;
    };
    const auto x = merges.merges(), y = b->merges.merges();
    const auto [at_x, at_y] = std::mismatch(x.begin(), x.end(), y.begin(), y.end(), same);
    if (at_x != x.end() || at_y != y.end())
        return "merges differ from rank " + std::to_string(at_x - x.begin()) + " on";
    return {};
}

}  // namespace qslip
