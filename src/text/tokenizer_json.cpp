#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>

#include "files/sha256.hpp"
#include "json/json_read.hpp"
#include "text/tokenizer_json_stages.hpp"
#include "text/tokenizer_spelling.hpp"
#include "text/tokenizer_vocabulary.hpp"

namespace qslip {
namespace {

using simdjson::dom::element;

status not_understood(const json_node& node, std::string_view what) {
    return {errc::unsupported, std::string(node.fault(what).message())};
}

/// One tokenizer.json as parts and plan, which borrow from the parsed document.
class document_reader {
public:
    document_reader(const json_node& root, const limits& limits)
        : root_(root), limits_(limits), stages_(plan_, limits) {
        plan_.name = "tokenizer.json";
        plan_.key_prefix = "";
        plan_.byte_letters = false;
    }

    status read(const tokenizer_marks& marks) {
        QSLIP_CHECK(read_stages());
        QSLIP_TRY(const auto model, root_.need("model"));
        QSLIP_CHECK(read_model(model));
        QSLIP_CHECK(read_added_tokens());
        QSLIP_CHECK(stages_.finish());
        parts_.bos = marks.bos ? marks.bos : stages_.bos();
        parts_.add_bos = marks.add_bos;
        parts_.more_ends = marks.eos;
        if (!marks.eos.empty()) parts_.eos = marks.eos.front();
        if (plan_.family.empty()) plan_.family = unknown_family(model);
        return {};
    }

    const tokenizer_parts& parts() const noexcept { return parts_; }
    tokenizer_plan take_plan() { return std::move(plan_); }

private:
    status read_stages() {
        QSLIP_CHECK(only_members(root_, {"version", "truncation", "padding", "added_tokens", "normalizer",
                                         "pre_tokenizer", "post_processor", "decoder", "model"}));
        QSLIP_CHECK(read_stage("normalizer", &stage_reader::read_normalizer));
        QSLIP_CHECK(read_stage("pre_tokenizer", &stage_reader::read_pre_tokenizer));
        QSLIP_CHECK(read_stage("post_processor", &stage_reader::read_post_processor));
        return read_stage("decoder", &stage_reader::read_decoder);
    }

    status read_stage(std::string_view key, status (stage_reader::*reader)(const json_node&)) {
        QSLIP_TRY(const auto stage, root_.need(key));
        return (stages_.*reader)(stage);
    }

    status read_model(const json_node& model) {
        std::string_view type = model.find("merges") ? "BPE" : "Unigram";
        if (const auto named = model.find("type")) {
            QSLIP_TRY(type, named->text());
        }
        if (type == "BPE") return read_bpe(model);
        if (type == "Unigram") return read_unigram(model);
        return not_understood(model, "has the type " + quoted(type) + ", which is not understood");
    }

    static result<bool> flag(const json_node& model, std::string_view key) {
        const auto found = model.find(key);
        return found && !found->is_null() ? found->boolean() : result<bool>(false);
    }

    status read_bpe(const json_node& model) {
        QSLIP_CHECK(only_members(
            model, {"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
                    "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges"}));
        for (const auto* key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
            if (const auto found = model.find(key); found && !found->is_null() && !is_empty_text(*found))
                return not_understood(*found, "is set, which is not understood");
        QSLIP_TRY(plan_.ignore_merges, flag(model, "ignore_merges"));
        QSLIP_TRY(plan_.fuse_unknown, flag(model, "fuse_unk"));
        QSLIP_TRY(const auto vocab, model.need("vocab"));
        QSLIP_CHECK(read_vocabulary(vocab));
        QSLIP_CHECK(read_byte_tokens(model));
        QSLIP_CHECK(read_unknown_text(model));
        QSLIP_TRY(const auto merges, model.need("merges"));
        return read_merges(merges);
    }

    static bool is_empty_text(const json_node& node) {
        std::string_view text;
        return node.element().get(text) == simdjson::SUCCESS && text.empty();
    }

    /// {"text": id, ...}. The ids need not be gapless: a gap is an unused token.
    status read_vocabulary(const json_node& vocab) {
        simdjson::dom::object object;
        if (vocab.element().get(object) != simdjson::SUCCESS) return vocab.wrong("be an object");
        for (const auto [text, value] : object) {
            std::uint64_t id = 0;
            if (value.get(id) != simdjson::SUCCESS)
                return vocab.member_fault(text, "must be an integer >= 0");
            QSLIP_CHECK(set_token(vocab, id, text, token_type::normal));
        }
        return {};
    }

    status set_token(const json_node& where, std::uint64_t id, std::string_view text, token_type type) {
        if (id >= limits_.array_elements)
            return {errc::limit, std::string(where
                                                 .fault("has the id " + grouped(id) + "; the limit is " +
                                                        grouped(limits_.array_elements))
                                                 .message())};
        const auto i = static_cast<std::size_t>(id);
        if (i >= parts_.tokens.size()) {
            parts_.tokens.resize(i + 1);
            parts_.types.resize(i + 1, static_cast<std::int32_t>(token_type::unused));
        }
        auto& token = parts_.tokens[i];
        if (!token.empty() && token != text)
            return where.fault("gives the id " + std::to_string(id) + " to " + quoted(token) + " and to " +
                               quoted(text));
        token = text;
        parts_.types[i] = static_cast<std::int32_t>(type);
        return {};
    }

    /// With byte_fallback, "<0x41>" is the token of a byte.
    status read_byte_tokens(const json_node& model) {
        QSLIP_TRY(const bool fallback, flag(model, "byte_fallback"));
        if (!fallback) return {};
        if (plan_.byte_letters) return not_understood(model, "has byte_fallback beside ByteLevel");
        for (std::size_t i = 0; i < parts_.tokens.size(); ++i)
            if (named_byte(parts_.tokens[i])) parts_.types[i] = static_cast<std::int32_t>(token_type::byte);
        return {};
    }

    status read_unknown_text(const json_node& model) {
        const auto unknown = model.find("unk_token");
        if (!unknown || unknown->is_null()) return {};
        QSLIP_TRY(const auto text, unknown->text());
        const auto found = std::find(parts_.tokens.begin(), parts_.tokens.end(), text);
        if (found == parts_.tokens.end()) return unknown->fault("is not in the vocabulary");
        set_unknown(static_cast<std::uint64_t>(found - parts_.tokens.begin()));
        return {};
    }

    void set_unknown(std::uint64_t id) {
        parts_.unknown = id;
        parts_.types[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(token_type::unknown);
    }

    /// ["left right", ...] or [["left", "right"], ...].
    status read_merges(const json_node& merges) {
        simdjson::dom::array list;
        if (merges.element().get(list) != simdjson::SUCCESS) return merges.wrong("be a list");
        plan_.merges.reserve(list.size());
        for (const auto item : list) {
            const auto pair = pair_of(item);
            if (!pair)
                return merges.fault("[" + std::to_string(plan_.merges.size()) +
                                    "] is not a pair of two texts");
            plan_.merges.push_back(*pair);
        }
        return {};
    }

    static std::optional<std::pair<std::string_view, std::string_view>> pair_of(const element& item) {
        std::string_view left, right;
        if (item.get(left) == simdjson::SUCCESS) {
            const auto space = left.find(' ');
            if (space == left.npos || left.find(' ', space + 1) != left.npos) return {};
            return std::pair(left.substr(0, space), left.substr(space + 1));
        }
        simdjson::dom::array both;
        if (item.get(both) != simdjson::SUCCESS || both.size() != 2) return {};
        if (both.at(0).get(left) != simdjson::SUCCESS || both.at(1).get(right) != simdjson::SUCCESS)
            return {};
        return std::pair(left, right);
    }

    /// [["text", score], ...], ids in this order.
    status read_unigram(const json_node& model) {
        QSLIP_CHECK(only_members(model, {"type", "unk_id", "vocab", "byte_fallback"}));
        plan_.words_by = tokenizer_plan::algorithm::unigram;
        plan_.fuse_unknown = true;
        if (plan_.byte_letters) return not_understood(model, "is a Unigram model beside ByteLevel");
        QSLIP_TRY(const auto vocab, model.need("vocab"));
        simdjson::dom::array list;
        if (vocab.element().get(list) != simdjson::SUCCESS) return vocab.wrong("be a list");
        for (const auto item : list) QSLIP_CHECK(add_piece(vocab, item));
        QSLIP_CHECK(read_byte_tokens(model));
        const auto unknown = model.find("unk_id");
        if (!unknown || unknown->is_null()) return {};
        QSLIP_TRY(const auto id, unknown->count());
        if (id >= parts_.tokens.size()) return unknown->fault("is not in the vocabulary");
        set_unknown(id);
        return {};
    }

    status add_piece(const json_node& vocab, const element& item) {
        std::string_view text;
        double score = 0;
        simdjson::dom::array pair;
        const std::size_t id = parts_.tokens.size();
        if (item.get(pair) != simdjson::SUCCESS || pair.size() != 2 ||
            pair.at(0).get(text) != simdjson::SUCCESS || pair.at(1).get(score) != simdjson::SUCCESS)
            return vocab.fault("[" + std::to_string(id) + "] is not a text with its score");
        parts_.scores.push_back(score);
        return set_token(vocab, id, text, token_type::normal);
    }

    status read_added_tokens() {
        QSLIP_TRY(const auto list, root_.need("added_tokens"));
        if (list.is_null()) return {};
        QSLIP_TRY(const auto items, list.items());
        for (const auto& item : items) QSLIP_CHECK(read_added_token(item));
        if (!parts_.scores.empty()) parts_.scores.resize(parts_.tokens.size());
        return {};
    }

    status read_added_token(const json_node& item) {
        QSLIP_CHECK(only_members(
            item, {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"}));
        QSLIP_TRY(const auto id_node, item.need("id"));
        QSLIP_TRY(const auto id, id_node.count());
        QSLIP_TRY(const auto content, item.need("content"));
        QSLIP_TRY(const auto text, content.text());
        QSLIP_TRY(const bool special, flag(item, "special"));
        QSLIP_TRY(const bool single_word, flag(item, "single_word"));
        if (single_word) return not_understood(item, "is a single_word token, which is not understood");
        QSLIP_CHECK(set_token(item, id, text, special ? token_type::control : token_type::user_defined));
        const auto token = static_cast<std::int32_t>(id);
        QSLIP_TRY(const bool left, flag(item, "lstrip"));
        if (left) plan_.strips_left.push_back(token);
        QSLIP_TRY(const bool right, flag(item, "rstrip"));
        if (right) plan_.strips_right.push_back(token);
        QSLIP_TRY(const bool normalized, flag(item, "normalized"));
        if (normalized && !plan_.normalizer.changes_nothing()) plan_.after_normalizing.push_back(token);
        return {};
    }

    /// Equal for equal stages and model flags.
    std::string unknown_family(const json_node& model) const {
        sha256 hash;
        for (const auto* key : {"normalizer", "pre_tokenizer", "added_tokens"})
            if (const auto stage = root_.find(key)) hash.update(simdjson::minify(stage->element()) + "\n");
        for (const auto* key : {"type", "fuse_unk", "byte_fallback", "ignore_merges"})
            if (const auto member = model.find(key)) hash.update(simdjson::minify(member->element()) + "\n");
        return "tokenizer.json " + hash.hex();
    }

    const json_node& root_;
    const limits& limits_;
    tokenizer_parts parts_;
    tokenizer_plan plan_;
    stage_reader stages_;
};

}  // namespace

result<tokenizer> tokenizer::from_json(std::string_view text, const tokenizer_marks& marks,
                                       const limits& limits, const std::string& where) {
    json_reader parser(limits);
    const auto copy = json_text::copy_of(text);
    QSLIP_TRY(const auto root, parser.parse(copy, where));
    document_reader document(root, limits);
    QSLIP_CHECK(document.read(marks));
    auto built = vocabulary::build(document.parts(), document.take_plan(), limits);
    if (!built) return status(built.status().code(), escaped(where) + ": " + built.status().message());
    return tokenizer(*std::move(built));
}

}  // namespace qslip
