#include "text/tokenizer_vocabulary.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "files/sha256.hpp"
#include "text/tokenizer_merge_model.hpp"
#include "text/tokenizer_spelling.hpp"
#include "text/tokenizer_unigram.hpp"

namespace qslip {
namespace {

/// Longer texts among tokens with scores would make reading and encoding slow.
constexpr std::uint64_t max_scored_bytes = 512;

using text_ids = std::unordered_map<std::string_view, std::int32_t>;

std::string token_name(std::size_t id, std::string_view text) {
    return "token " + std::to_string(id) + " (" + quoted(text) + ")";
}

bool is_literal(token_type t) {
    return t == token_type::control || t == token_type::unknown || t == token_type::user_defined;
}

/// Builds one vocabulary; a step needs those before it.
class builder {
public:
    builder(const tokenizer_parts& parts, tokenizer_plan plan, const limits& limits)
        : parts_(parts), plan_(std::move(plan)), limits_(limits) {}

    result<std::shared_ptr<const tokenizer::vocabulary>> build() {
        QSLIP_CHECK(check_counts());
        QSLIP_CHECK(read_types());
        QSLIP_CHECK(add_tokens());
        QSLIP_CHECK(add_marks());
        QSLIP_CHECK(add_words());
        QSLIP_CHECK(add_written_out());
        v_->digest = digest();
        adopt_plan();
        return std::shared_ptr<const tokenizer::vocabulary>(std::move(v_));
    }

private:
    status check_counts() const {
        const std::size_t n = parts_.tokens.size();
        if (n == 0) return {errc::format, "the vocabulary is empty"};
        if (n > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
            return {errc::limit, std::to_string(n) + " tokens; ids are 32-bit"};
        if (parts_.types.size() != n)
            return {errc::format, std::to_string(n) + " tokens but " + std::to_string(parts_.types.size()) +
                                      " token types"};
        if (uses_scores() && parts_.scores.size() != n)
            return {errc::format, std::to_string(n) + " tokens but " + std::to_string(parts_.scores.size()) +
                                      " token scores"};
        if (plan_.merges.size() >= merge_table::none)
            return {errc::limit, std::to_string(plan_.merges.size()) + " merges; ranks are 32-bit"};
        return {};
    }

    bool uses_scores() const { return plan_.words_by != tokenizer_plan::algorithm::merges; }

    status read_types() {
        v_->types.reserve(parts_.types.size());
        for (std::size_t id = 0; id < parts_.types.size(); ++id) {
            const std::int32_t type = parts_.types[id];
            if (type < 0 || type > static_cast<std::int32_t>(token_type::byte))
                return {errc::format, token_name(id, parts_.tokens[id]) + " has type " +
                                          std::to_string(type) + "; 0 to 6 are defined"};
            v_->types.push_back(static_cast<token_type>(type));
        }
        auto marks = find_customary_marks(parts_.tokens, v_->types);
        v_->ends = std::move(marks.ends);
        v_->notes = std::move(marks.notes);
        return {};
    }

    status add_tokens() {
        const std::size_t n = parts_.tokens.size();
        ids_.reserve(n);
        v_->begins.reserve(n + 1);
        is_word_.reserve(n);
        for (std::size_t id = 0; id < n; ++id) QSLIP_CHECK(add_token(id));
        v_->begins.push_back(v_->bytes.size());
        return {};
    }

    status add_token(std::size_t id) {
        const std::string_view text = parts_.tokens[id];
        QSLIP_CHECK(check_length(id, text));
        const auto [other, is_new] = ids_.try_emplace(text, static_cast<std::int32_t>(id));
        if (!is_new && !text.empty())
            return {errc::format, "tokens " + std::to_string(other->second) + " and " + std::to_string(id) +
                                      " are both " + quoted(text)};
        v_->begins.push_back(v_->bytes.size());
        return plan_.byte_letters ? add_byte_letters(id, text) : add_plain(id, text);
    }

    status check_length(std::size_t id, std::string_view text) const {
        std::uint64_t longest = limits_.token_bytes;
        if (is_literal(v_->types[id])) longest = std::min(longest, limits_.special_token_bytes);
        if (uses_scores()) longest = std::min(longest, max_scored_bytes);
        if (text.size() <= longest) return {};
        return {errc::limit, token_name(id, text) + " has " + std::to_string(text.size()) +
                                 " bytes; the limit is " + std::to_string(longest)};
    }

    status add_byte_letters(std::size_t id, std::string_view text) {
        is_word_.push_back(!is_literal(v_->types[id]) && append_spelled_bytes(text, v_->bytes));
        if (!is_word_.back()) v_->bytes += text;
        if (is_word_.back() && v_->bytes.size() - v_->begins.back() == 1)
            unknown_.byte_ids[static_cast<std::uint8_t>(v_->bytes.back())] = static_cast<std::int32_t>(id);
        return {};
    }

    status add_plain(std::size_t id, std::string_view text) {
        const token_type type = v_->types[id];
        is_word_.push_back(type != token_type::control && type != token_type::unknown &&
                           type != token_type::byte && !text.empty());
        if (type == token_type::byte) {
            const auto byte = named_byte(text);
            if (!byte)
                return {errc::format, token_name(id, text) + " is a byte token but not of the form <0x41>"};
            v_->bytes += static_cast<char>(*byte);
            unknown_.byte_ids[*byte] = static_cast<std::int32_t>(id);
            unknown_.use_bytes = true;
        } else if (is_literal(type)) {
            v_->bytes += text;
        } else {
            append_with_spaces(text, v_->bytes);
        }
        return {};
    }

    result<std::optional<std::int32_t>> mark(const char* key, std::optional<std::uint64_t> given) const {
        if (!given) return std::optional<std::int32_t>();
        if (*given >= parts_.tokens.size())
            return status(errc::format,
                          std::string(plan_.key_prefix) + key + "_token_id = " + std::to_string(*given) +
                              "; the vocabulary has " + std::to_string(parts_.tokens.size()) + " tokens");
        return std::optional(static_cast<std::int32_t>(*given));
    }

    status add_marks() {
        QSLIP_TRY(v_->bos, mark("bos", parts_.bos));
        QSLIP_TRY(v_->eos, mark("eos", parts_.eos));
        QSLIP_TRY(v_->eot, mark("eot", parts_.eot));
        QSLIP_TRY(const auto eom, mark("eom", parts_.eom));
        QSLIP_TRY(unknown_.unknown, mark("unknown", parts_.unknown));
        for (const auto id : {v_->eos, v_->eot, eom})
            if (id) v_->ends.push_back(*id);
        for (const auto given : parts_.more_ends) {
            QSLIP_TRY(const auto id, mark("eos", given));
            v_->ends.push_back(*id);
        }
        std::sort(v_->ends.begin(), v_->ends.end());
        v_->ends.erase(std::unique(v_->ends.begin(), v_->ends.end()), v_->ends.end());
        v_->adds_bos = parts_.add_bos.value_or(plan_.adds_bos);
        if (v_->adds_bos && !v_->bos)
            return {errc::format,
                    "texts start with BOS, but " + std::string(plan_.key_prefix) + "bos_token_id is missing"};
        return {};
    }

    status add_words() {
        unknown_.fuse = plan_.fuse_unknown;
        return plan_.words_by == tokenizer_plan::algorithm::unigram ? add_unigram() : add_merges();
    }

    status add_merges() {
        auto model = std::make_unique<merge_model>();
        model->starts_as = plan_.byte_letters ? merge_model::unit::byte : merge_model::unit::character;
        model->whole_words = plan_.ignore_merges;
        model->unknown = unknown_;
        if (!plan_.byte_letters || plan_.ignore_merges) index_pieces(model->pieces);
        if (plan_.words_by == tokenizer_plan::algorithm::scores) {
            QSLIP_TRY(model->merges, merges_by_score(model->pieces, parts_.scores));
        } else {
            QSLIP_TRY(model->merges, read_merges());
        }
        v_->words = std::move(model);
        return {};
    }

    /// In the byte alphabet words are looked up by their bytes, else as they are spelled.
    void index_pieces(piece_table& pieces) const {
        const auto text = [&](std::size_t id) {
            return plan_.byte_letters ? v_->token(static_cast<std::int32_t>(id)) : parts_.tokens[id];
        };
        std::size_t total_bytes = 0;
        for (std::size_t id = 0; id < is_word_.size(); ++id)
            if (is_word_[id]) total_bytes += text(id).size();
        pieces.reserve(is_word_.size(), total_bytes);
        for (std::size_t id = 0; id < is_word_.size(); ++id)
            if (is_word_[id]) pieces.add(text(id), static_cast<std::int32_t>(id));
    }

    result<merge_table> read_merges() const {
        std::vector<bpe_merge> merges;
        merges.reserve(plan_.merges.size());
        for (std::size_t rank = 0; rank < plan_.merges.size(); ++rank) {
            QSLIP_TRY(const auto merge, read_merge(rank));
            merges.push_back(merge);
        }
        return merge_table::create(std::move(merges), parts_.tokens.size());
    }

    result<bpe_merge> read_merge(std::size_t rank) const {
        const auto& [left, right] = plan_.merges[rank];
        std::string product(left);
        product += right;
        bpe_merge merge{};
        const std::pair<std::string_view, std::int32_t*> wanted[] = {
            {left, &merge.left}, {right, &merge.right}, {product, &merge.product}};
        for (const auto& [part, id] : wanted) {
            const auto found = ids_.find(part);
            if (found == ids_.end())
                return status(errc::format, "merge " + std::to_string(rank) + " (" +
                                                quoted(std::string(left) + " " + std::string(right)) +
                                                "): the vocabulary has no token " + quoted(part));
            *id = found->second;
        }
        return merge;
    }

    /// SentencePiece: an unknown character costs 10 nats more than the rarest token; user-defined tokens
    /// cost nothing.
    status add_unigram() {
        auto model = std::make_unique<unigram_model>();
        index_pieces(model->texts);
        std::vector<std::pair<std::string_view, std::int32_t>> all(model->texts.all().begin(),
                                                                   model->texts.all().end());
        model->pieces = literal_index(std::move(all));
        model->scores = parts_.scores;
        double lowest = 0;
        for (std::size_t id = 0; id < model->scores.size(); ++id) {
            if (!std::isfinite(model->scores[id]))
                return {errc::format, token_name(id, parts_.tokens[id]) + " has a score that is not finite"};
            if (v_->types[id] == token_type::normal) lowest = std::min(lowest, model->scores[id]);
            if (v_->types[id] == token_type::user_defined) model->scores[id] = 0;
        }
        model->unknown_score = lowest - 10;
        model->unknown = unknown_;
        v_->words = std::move(model);
        return {};
    }

    status add_written_out() {
        QSLIP_CHECK(normalize_late_literals());
        std::vector<bool> is_late(v_->size());
        for (const auto id : plan_.after_normalizing) is_late[static_cast<std::size_t>(id)] = true;
        std::vector<std::pair<std::string_view, std::int32_t>> early, late;
        for (std::size_t i = 0; i < v_->size(); ++i) {
            const auto id = static_cast<std::int32_t>(i);
            if (is_literal(v_->type(id)) && !is_late[i] && !v_->token(id).empty())
                early.emplace_back(v_->token(id), id);
        }
        for (std::size_t i = 0; i < plan_.after_normalizing.size(); ++i)
            if (!v_->normalized_texts[i].empty())
                late.emplace_back(v_->normalized_texts[i], plan_.after_normalizing[i]);
        v_->in_text = written_out(std::move(early));
        v_->in_normalized = written_out(std::move(late));
        return {};
    }

    status normalize_late_literals() {
        v_->normalized_texts.reserve(plan_.after_normalizing.size());
        for (const auto id : plan_.after_normalizing) {
            QSLIP_TRY(auto text, plan_.normalizer.apply(v_->token(id), {.starts_fragment = true}));
            v_->normalized_texts.push_back(std::move(text));
        }
        return {};
    }

    tokenizer::vocabulary::written_out written_out(
        std::vector<std::pair<std::string_view, std::int32_t>> all) const {
        auto user = all;
        std::erase_if(user, [&](const auto& l) { return v_->type(l.second) != token_type::user_defined; });
        return {literal_index(std::move(user)), literal_index(std::move(all))};
    }

    void adopt_plan() {
        std::sort(plan_.strips_left.begin(), plan_.strips_left.end());
        std::sort(plan_.strips_right.begin(), plan_.strips_right.end());
        v_->name = std::move(plan_.name);
        v_->family = std::move(plan_.family);
        v_->normalizer = std::move(plan_.normalizer);
        v_->before_splitting = std::move(plan_.before_splitting);
        v_->splits = std::move(plan_.splits);
        v_->word_prefix = std::move(plan_.word_prefix);
        v_->strips_left = std::move(plan_.strips_left);
        v_->strips_right = std::move(plan_.strips_right);
        v_->limits = limits_;
    }

    /// Each string with its length in front, numbers as 8 bytes little-endian: no two vocabularies share it.
    std::string digest() const {
        sha256 hash;
        const auto number = [&](std::uint64_t n) {
            char bytes[8];
            for (auto& b : bytes) {
                b = static_cast<char>(n & 0xFF);
                n >>= 8;
            }
            hash.update(std::string_view(bytes, 8));
        };
        const auto text = [&](std::string_view t) {
            number(t.size());
            hash.update(t);
        };
        text("qslip tokenizer 1");
        text(plan_.family);
        number(v_->adds_bos ? std::uint64_t{1} + static_cast<std::uint64_t>(*v_->bos) : 0);
        number(parts_.tokens.size());
        for (std::size_t i = 0; i < parts_.tokens.size(); ++i) {
            text(parts_.tokens[i]);
            number(static_cast<std::uint64_t>(v_->types[i]));
            if (uses_scores()) number(std::bit_cast<std::uint64_t>(parts_.scores[i]));
        }
        number(plan_.merges.size());
        for (const auto& [left, right] : plan_.merges) text(std::string(left) + ' ' + std::string(right));
        if (!parts_.char_map.empty()) text(parts_.char_map);
        return hash.hex();
    }

    const tokenizer_parts& parts_;
    tokenizer_plan plan_;
    const limits& limits_;
    std::shared_ptr<tokenizer::vocabulary> v_ = std::make_shared<tokenizer::vocabulary>();
    text_ids ids_;               // by the text as the file spells it
    std::vector<bool> is_word_;  // may come from text that is not written out
    unknown_rule unknown_;
};

}  // namespace

result<std::shared_ptr<const tokenizer::vocabulary>> tokenizer::vocabulary::build(
    const tokenizer_parts& parts, tokenizer_plan plan, const qslip::limits& limits) {
    return builder(parts, std::move(plan), limits).build();
}

}  // namespace qslip
