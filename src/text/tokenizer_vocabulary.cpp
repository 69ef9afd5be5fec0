#include "text/tokenizer_vocabulary.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <iterator>
#include <limits>

#include "files/sha256.hpp"

namespace qslip {
namespace {

using text_ids = std::unordered_map<std::string_view, std::int32_t>;

/// GPT-2's byte alphabet: printable Latin-1 stands for itself, the other 68 bytes for U+0100 and on.
/// Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", encoder.py.
std::array<std::uint32_t, 256> byte_alphabet() {
    std::array<std::uint32_t, 256> letters{};
    std::uint32_t next = 0x100;
    for (std::uint32_t b = 0; b < 256; ++b) {
        const bool printable = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b != 0xAD);
        letters[b] = printable ? b : next++;
    }
    return letters;
}

/// Byte of each letter of the alphabet, -1 for other code points below 0x144.
std::array<int, 0x144> alphabet_bytes() {
    std::array<int, 0x144> bytes{};
    bytes.fill(-1);
    const auto letters = byte_alphabet();
    for (int b = 0; b < 256; ++b) bytes[letters[static_cast<std::size_t>(b)]] = b;
    return bytes;
}

/// Appends the bytes that `text` spells; false (and nothing appended) when a character is no letter.
bool append_spelled_bytes(std::string_view text, std::string& out) {
    static const auto bytes = alphabet_bytes();
    const std::size_t before = out.size();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_char_bytes(text.substr(at));
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
        const std::size_t point = size == 1   ? byte(0)
                                  : size == 2 ? (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu)
                                              : 0;
        if (point == 0 || point >= bytes.size() || bytes[point] < 0) {
            out.resize(before);
            return false;
        }
        out += static_cast<char>(bytes[point]);
        at += size;
    }
    return true;
}

std::string token_name(std::size_t id, std::string_view text) {
    return "token " + std::to_string(id) + " (" + quoted(text) + ")";
}

bool is_literal(token_type t) {
    return t == token_type::control || t == token_type::unknown || t == token_type::user_defined;
}

/// Builds one vocabulary; a step needs those before it.
class builder {
public:
    builder(const tokenizer_parts& parts, const limits& limits) : parts_(parts), limits_(limits) {}

    result<std::shared_ptr<const tokenizer::vocabulary>> build() {
        QSLIP_CHECK(choose_rule());
        QSLIP_CHECK(check_counts());
        QSLIP_CHECK(add_tokens());
        QSLIP_CHECK(add_merges());
        QSLIP_CHECK(add_marks());
        index_words();
        index_literals();
        v_->digest = digest();
        return std::shared_ptr<const tokenizer::vocabulary>(std::move(v_));
    }

private:
    status choose_rule() {
        constexpr const char* hint = ": splitting would be a guess. Pass --pre gpt2 if you know it";
        if (parts_.pre.empty())
            return {errc::unsupported, std::string("tokenizer.ggml.pre is missing") + hint};
        v_->rule = find_pre_rule(parts_.pre);
        if (!v_->rule) return {errc::unsupported, "tokenizer.ggml.pre = " + quoted(parts_.pre) + hint};
        v_->pre = parts_.pre;
        v_->limits = limits_;
        QSLIP_TRY(v_->splits, compile_split(*v_->rule));
        return {};
    }

    status check_counts() const {
        const std::size_t n = parts_.tokens.size();
        if (n == 0) return {errc::format, "the vocabulary is empty"};
        if (n > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
            return {errc::limit, std::to_string(n) + " tokens; ids are 32-bit"};
        if (parts_.types.size() != n)
            return {errc::format, std::to_string(n) + " tokens but " + std::to_string(parts_.types.size()) +
                                      " token types"};
        if (parts_.merges.size() >= merge_table::none)
            return {errc::limit, std::to_string(parts_.merges.size()) + " merges; ranks are 32-bit"};
        return {};
    }

    status add_tokens() {
        const std::size_t n = parts_.tokens.size();
        ids_.reserve(n);
        v_->begins.reserve(n + 1);
        v_->types.reserve(n);
        spelled_.reserve(n);
        v_->byte_ids.fill(-1);
        for (std::size_t id = 0; id < n; ++id) QSLIP_CHECK(add_token(id));
        v_->begins.push_back(v_->bytes.size());
        return {};
    }

    status add_token(std::size_t id) {
        const std::string_view text = parts_.tokens[id];
        const std::int32_t type = parts_.types[id];
        if (type < 0 || type > static_cast<std::int32_t>(token_type::byte))
            return {errc::format,
                    token_name(id, text) + " has type " + std::to_string(type) + "; 0 to 6 are defined"};
        const auto kind = static_cast<token_type>(type);
        const std::uint64_t longest = is_literal(kind)
                                          ? std::min(limits_.special_token_bytes, limits_.token_bytes)
                                          : limits_.token_bytes;
        if (text.size() > longest)
            return {errc::limit, token_name(id, text) + " has " + std::to_string(text.size()) +
                                     " bytes; the limit is " + std::to_string(longest)};
        const auto [other, is_new] = ids_.try_emplace(text, static_cast<std::int32_t>(id));
        if (!is_new && !text.empty())
            return {errc::format, "tokens " + std::to_string(other->second) + " and " + std::to_string(id) +
                                      " are both " + quoted(text)};
        v_->types.push_back(kind);
        v_->begins.push_back(v_->bytes.size());
        spelled_.push_back(!is_literal(kind) && append_spelled_bytes(text, v_->bytes));
        if (!spelled_.back()) v_->bytes += text;
        if (spelled_.back() && v_->bytes.size() - v_->begins.back() == 1)
            v_->byte_ids[static_cast<std::uint8_t>(v_->bytes.back())] = static_cast<std::int32_t>(id);
        return {};
    }

    status add_merges() {
        std::vector<bpe_merge> merges;
        merges.reserve(parts_.merges.size());
        for (std::size_t rank = 0; rank < parts_.merges.size(); ++rank) {
            QSLIP_TRY(const auto merge, parse_merge(rank));
            merges.push_back(merge);
        }
        QSLIP_TRY(v_->merges, merge_table::create(std::move(merges), parts_.tokens.size()));
        return {};
    }

    result<bpe_merge> parse_merge(std::size_t rank) const {
        const std::string_view text = parts_.merges[rank];
        const auto name = [&] { return "merge " + std::to_string(rank) + " (" + quoted(text) + ")"; };
        const std::size_t space = text.find(' ');
        if (space == 0 || space == text.npos || space + 1 == text.size() ||
            text.find(' ', space + 1) != text.npos)
            return status(errc::format, name() + " is not two tokens with one space between them");
        const std::string_view left = text.substr(0, space), right = text.substr(space + 1);
        std::string product(left);
        product += right;
        bpe_merge merge{};
        const std::pair<std::string_view, std::int32_t*> wanted[] = {
            {left, &merge.left}, {right, &merge.right}, {product, &merge.product}};
        for (const auto& [part, id] : wanted) {
            const auto found = ids_.find(part);
            if (found == ids_.end())
                return status(errc::format, name() + ": the vocabulary has no token " + quoted(part));
            *id = found->second;
        }
        return merge;
    }

    status add_mark(const char* key, std::optional<std::uint64_t> given, std::optional<std::int32_t>& id) {
        if (!given) return {};
        if (*given >= parts_.tokens.size())
            return {errc::format, std::string("tokenizer.ggml.") + key +
                                      "_token_id = " + std::to_string(*given) + "; the vocabulary has " +
                                      std::to_string(parts_.tokens.size()) + " tokens"};
        id = static_cast<std::int32_t>(*given);
        return {};
    }

    status add_marks() {
        std::optional<std::int32_t> eom;
        QSLIP_CHECK(add_mark("bos", parts_.bos, v_->bos));
        QSLIP_CHECK(add_mark("eos", parts_.eos, v_->eos));
        QSLIP_CHECK(add_mark("eot", parts_.eot, v_->eot));
        QSLIP_CHECK(add_mark("eom", parts_.eom, eom));
        v_->adds_bos = parts_.add_bos.value_or(v_->rule->add_bos);
        if (v_->adds_bos && !v_->bos)
            return {errc::format, "texts start with BOS, but tokenizer.ggml.bos_token_id is missing"};
        for (const auto& id : {v_->eos, v_->eot, eom})
            if (id) v_->ends.push_back(*id);
        add_customary_ends();
        std::sort(v_->ends.begin(), v_->ends.end());
        return {};
    }

    /// Files often name one end mark only, while chat models write another. Texts by convention of their
    /// model families.
    void add_customary_ends() {
        constexpr std::string_view texts[] = {"<|eot_id|>",
                                              "<|im_end|>",
                                              "<|end|>",
                                              "<|endoftext|>",
                                              "<|end_of_text|>",
                                              "<|eom_id|>",
                                              "<EOT>",
                                              "<|EOT|>",
                                              "</s>",
                                              "<end_of_turn>",
                                              "<end_of_utterance>",
                                              "<|return|>",
                                              "<|call|>",
                                              "<\xEF\xBD\x9C"
                                              "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>"};
        for (const auto text : texts)
            if (const auto found = ids_.find(text);
                found != ids_.end() && is_literal(v_->type(found->second)))
                v_->ends.push_back(found->second);
    }

    void index_words() {
        if (!v_->rule->ignore_merges) return;
        v_->words.reserve(spelled_.size());
        for (std::size_t id = 0; id < spelled_.size(); ++id)
            if (spelled_[id])
                v_->words.emplace(v_->token(static_cast<std::int32_t>(id)), static_cast<std::int32_t>(id));
    }

    void index_literals() {
        std::vector<std::pair<std::string_view, std::int32_t>> all, user;
        for (std::size_t i = 0; i < v_->size(); ++i) {
            const auto id = static_cast<std::int32_t>(i);
            if (!is_literal(v_->type(id)) || v_->token(id).empty()) continue;
            all.emplace_back(v_->token(id), id);
            if (v_->type(id) == token_type::user_defined) user.emplace_back(v_->token(id), id);
        }
        v_->all_literals = literal_index(std::move(all));
        v_->user_defined = literal_index(std::move(user));
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
        text(v_->rule->family);
        number(v_->adds_bos ? std::uint64_t{1} + static_cast<std::uint64_t>(*v_->bos) : 0);
        number(parts_.tokens.size());
        for (std::size_t i = 0; i < parts_.tokens.size(); ++i) {
            text(parts_.tokens[i]);
            number(static_cast<std::uint64_t>(parts_.types[i]));
        }
        number(parts_.merges.size());
        for (const auto merge : parts_.merges) text(merge);
        return hash.hex();
    }

    const tokenizer_parts& parts_;
    const limits& limits_;
    std::shared_ptr<tokenizer::vocabulary> v_ = std::make_shared<tokenizer::vocabulary>();
    text_ids ids_;               // by the text as the file spells it
    std::vector<bool> spelled_;  // the text is in the byte alphabet
};

}  // namespace

result<std::shared_ptr<const tokenizer::vocabulary>> tokenizer::vocabulary::build(
    const tokenizer_parts& parts, const qslip::limits& limits) {
    return builder(parts, limits).build();
}

literal_index::literal_index(std::vector<std::pair<std::string_view, std::int32_t>> literals)
    : sorted_(std::move(literals)) {
    std::sort(sorted_.begin(), sorted_.end());
    for (const auto& [text, id] : sorted_) starts_[static_cast<std::uint8_t>(text.front())] = true;
}

/// Narrows the sorted literals byte by byte; a literal that ends comes first in its range.
std::optional<literal_index::match> literal_index::longest_at(std::string_view text, std::size_t at) const {
    std::optional<match> best;
    auto low = sorted_.begin(), high = sorted_.end();
    for (std::size_t depth = 0; low != high; ++depth) {
        if (low->first.size() == depth) best = {at, depth, (low++)->second};
        if (at + depth == text.size()) break;
        const auto wanted = static_cast<std::uint8_t>(text[at + depth]);
        const auto byte = [&](const auto& literal) {
            return static_cast<std::uint8_t>(literal.first[depth]);
        };
        low = std::partition_point(low, high, [&](const auto& l) { return byte(l) < wanted; });
        high = std::partition_point(low, high, [&](const auto& l) { return byte(l) == wanted; });
    }
    return best;
}

std::optional<literal_index::match> literal_index::find(std::string_view text, std::size_t from) const {
    if (sorted_.empty()) return {};
    for (std::size_t at = from; at < text.size(); ++at) {
        if (!starts_[static_cast<std::uint8_t>(text[at])]) continue;
        if (const auto found = longest_at(text, at)) return found;
    }
    return {};
}

}  // namespace qslip
