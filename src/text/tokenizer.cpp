#include <qslip/detail/core/quote.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <memory>

#include "text/tokenizer_vocabulary.hpp"

namespace qslip {
namespace {

/// One call of encode(): scratch and output.
class encoder {
public:
    encoder(const tokenizer::vocabulary& v, word_splitter splitter)
        : v_(v), splitter_(std::move(splitter)), words_(v.words->start()) {}

    result<std::vector<std::int32_t>> run(std::string_view text, encode_options options) {
        if (options.add_bos_if_model_says && v_.adds_bos) out_.push_back(*v_.bos);
        const text_part whole{text.size(), options.parse_special};
        return run_parts(text, std::span(&whole, 1));
    }

    result<std::vector<std::int32_t>> run_parts(std::string_view text, std::span<const text_part> parts) {
        text_ = text;
        std::size_t begin = 0;
        for (const auto& part : parts) {
            special_ = part.parse_special;
            QSLIP_CHECK(find_written_out(begin, begin + part.size_bytes));
            begin += part.size_bytes;
        }
        QSLIP_CHECK(add_text(text.size()));
        return std::move(out_);
    }

private:
    /// Adds the tokens written out in bytes [begin, end) and the text in front of each.
    status find_written_out(std::size_t begin, std::size_t end) {
        const auto& literals = v_.in_text.allowed(special_);
        while (const auto found = literals.find(text_.substr(0, end), std::max(begin, done_))) {
            std::size_t before = found->begin;
            if (std::ranges::binary_search(v_.strips_left, found->id)) before = without_space_before(before);
            QSLIP_CHECK(add_text(before));
            out_.push_back(found->id);
            done_ = found->begin + found->size;
            if (std::ranges::binary_search(v_.strips_right, found->id)) skip_space();
        }
        return {};
    }

    static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

    std::size_t without_space_before(std::size_t at) const {
        while (at > done_ && is_space(text_[at - 1])) --at;
        return at;
    }

    void skip_space() {
        while (done_ < text_.size() && is_space(text_[done_])) ++done_;
    }

    /// Adds the text from where the last token ended up to byte `end`.
    status add_text(std::size_t end) {
        auto text = text_.substr(done_, end - done_);
        bool is_first = true;
        while (!text.empty()) {
            const std::size_t valid = utf8_valid_prefix(text);
            QSLIP_CHECK(add_utf8(text.substr(0, valid), is_first));
            text.remove_prefix(valid);
            done_ += valid;
            is_first = false;
            if (text.empty()) break;
            QSLIP_CHECK(words_->add(text.substr(0, 1), done_, out_));  // malformed: one byte, one word
            text.remove_prefix(1);
            ++done_;
        }
        done_ = end;
        return {};
    }

    /// `is_first`: no text stands between this and a written-out token or the start.
    status add_utf8(std::string_view text, bool is_first) {
        if (text.empty()) return {};
        text_place place{done_ == 0, is_first};
        if (v_.normalizer.changes_nothing()) return add_fragment(text, place);
        QSLIP_TRY(const auto normalized, v_.normalizer.apply(text, place));
        std::string_view left = normalized;
        const auto& literals = v_.in_normalized.allowed(special_);
        while (const auto found = literals.find(left, 0)) {
            QSLIP_CHECK(add_fragment(left.substr(0, found->begin), place));
            out_.push_back(found->id);
            left.remove_prefix(found->begin + found->size);
            place = {.starts_fragment = true};
        }
        return add_fragment(left, place);
    }

    status add_fragment(std::string_view text, text_place place) {
        if (v_.before_splitting.changes_nothing()) return add_words(text, done_);
        QSLIP_TRY(const auto edited, v_.before_splitting.apply(text, place));
        return add_words(edited, done_);
    }

    /// `offset_bytes`: where `text` stands in what is encoded, for messages.
    status add_words(std::string_view text, std::size_t offset_bytes) {
        splitter_.start(text);
        for (;;) {
            QSLIP_TRY(const auto word, splitter_.next());
            if (word.empty()) return {};
            const auto at = offset_bytes + static_cast<std::size_t>(word.data() - text.data());
            if (word.starts_with(v_.word_prefix)) {
                QSLIP_CHECK(words_->add(word, at, out_));
            } else {
                QSLIP_CHECK(words_->add(v_.word_prefix + std::string(word), at, out_));
            }
        }
    }

    const tokenizer::vocabulary& v_;
    word_splitter splitter_;
    std::unique_ptr<word_encoder> words_;
    std::string_view text_;
    std::size_t done_ = 0;  // bytes of text_ whose tokens are in out_
    bool special_ = false;
    std::vector<std::int32_t> out_;
};

status check_size(std::string_view text, const limits& limits) {
    if (text.size() <= limits.text_bytes) return {};
    return {errc::limit, "text of " + std::to_string(text.size()) + " bytes; the limit is " +
                             std::to_string(limits.text_bytes)};
}

}  // namespace

result<tokenizer> tokenizer::create(const tokenizer_parts& parts, const limits& limits) {
    QSLIP_TRY(auto plan, plan_of(parts));
    QSLIP_TRY(auto built, vocabulary::build(parts, std::move(plan), limits));
    return tokenizer(std::move(built));
}

result<std::vector<std::int32_t>> tokenizer::encode(std::string_view text, encode_options options) const {
    const auto& v = *vocabulary_;
    QSLIP_CHECK(check_size(text, v.limits));
    QSLIP_TRY(auto splitter, word_splitter::create(v.splits));
    return encoder(v, std::move(splitter)).run(text, options);
}

result<std::vector<std::int32_t>> tokenizer::encode_parts(std::string_view text,
                                                          std::span<const text_part> parts) const {
    const auto& v = *vocabulary_;
    QSLIP_CHECK(check_size(text, v.limits));
    std::size_t left = text.size();
    for (const auto& part : parts) {
        if (part.size_bytes > left) return status(errc::arg, "the parts are longer than the text");
        left -= part.size_bytes;
    }
    if (left != 0) return status(errc::arg, "the parts are shorter than the text");
    QSLIP_TRY(auto splitter, word_splitter::create(v.splits));
    return encoder(v, std::move(splitter)).run_parts(text, parts);
}

result<std::string> tokenizer::decode(std::span<const std::int32_t> ids, decode_options options) const {
    std::string text;
    for (const std::int32_t id : ids) {
        if (!vocabulary_->has(id))
            return status(errc::arg, "token id " + std::to_string(id) + "; the vocabulary has " +
                                         std::to_string(n_vocab()) + " tokens");
        if (options.special || !is_special(id)) text += vocabulary_->token(id);
    }
    return text;
}

std::string_view tokenizer::token_bytes(std::int32_t id) const noexcept {
    return vocabulary_->has(id) ? vocabulary_->token(id) : std::string_view();
}

std::size_t tokenizer::n_vocab() const noexcept { return vocabulary_->size(); }
std::optional<std::int32_t> tokenizer::bos() const noexcept { return vocabulary_->bos; }
std::optional<std::int32_t> tokenizer::eos() const noexcept { return vocabulary_->eos; }
std::optional<std::int32_t> tokenizer::eot() const noexcept { return vocabulary_->eot; }
bool tokenizer::adds_bos() const noexcept { return vocabulary_->adds_bos; }

bool tokenizer::is_special(std::int32_t id) const noexcept {
    if (!vocabulary_->has(id)) return false;
    const auto type = vocabulary_->type(id);
    return type == token_type::control || type == token_type::unknown;
}

bool tokenizer::is_end_of_generation(std::int32_t id) const noexcept {
    return std::binary_search(vocabulary_->ends.begin(), vocabulary_->ends.end(), id);
}

std::span<const std::int32_t> tokenizer::ends_of_generation() const noexcept { return vocabulary_->ends; }
std::span<const std::string> tokenizer::notes() const noexcept { return vocabulary_->notes; }

const std::string& tokenizer::pre() const noexcept { return vocabulary_->name; }
const std::string& tokenizer::digest() const noexcept { return vocabulary_->digest; }

std::string tokenizer::first_difference(const tokenizer& other) const {
    const auto &a = *vocabulary_, &b = *other.vocabulary_;
    const auto two = [](const std::string& what, const std::string& x, const std::string& y) {
        return what + ": " + x + " and " + y;
    };
    if (a.size() != b.size())
        return two("vocabulary sizes differ", std::to_string(a.size()), std::to_string(b.size()));
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto id = static_cast<std::int32_t>(i);
        const std::string name = "token " + std::to_string(i);
        if (a.token(id) != b.token(id))
            return two(name + " differs", quoted(a.token(id)), quoted(b.token(id)));
        if (a.type(id) != b.type(id))
            return two(name + " has types", std::to_string(static_cast<int>(a.type(id))),
                       std::to_string(static_cast<int>(b.type(id))));
    }
    if (a.family != b.family) return two("pre-tokenizers differ", quoted(a.name), quoted(b.name));
    if (auto words = a.words->first_difference(*b.words); !words.empty()) return words;
    if (a.adds_bos != b.adds_bos)
        return two("BOS in front of texts", a.adds_bos ? "yes" : "no", b.adds_bos ? "yes" : "no");
    if (a.adds_bos && a.bos != b.bos)
        return two("BOS is token", std::to_string(*a.bos), std::to_string(*b.bos));
    return {};
}

}  // namespace qslip
