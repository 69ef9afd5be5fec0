#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>

#include "formats/gguf.hpp"
#include "text/tokenizer_vocabulary.hpp"

namespace qslip {
namespace {

/// One call of encode(): scratch and output.
class encoder {
public:
    encoder(const tokenizer::vocabulary& v, word_splitter splitter)
        : v_(v), splitter_(std::move(splitter)), merger_(v.merges) {}

    result<std::vector<std::int32_t>> run(std::string_view text, encode_options options) {
        if (options.add_bos_if_model_says && v_.adds_bos) out_.push_back(*v_.bos);
        const text_part whole{text.size(), options.parse_special};
        return run_parts(text, std::span(&whole, 1));
    }

    result<std::vector<std::int32_t>> run_parts(std::string_view text, std::span<const text_part> parts) {
        base_ = text.data();
        std::size_t done = 0, begin = 0;
        for (const auto& part : parts) {
            const auto& literals = part.parse_special ? v_.all_literals : v_.user_defined;
            const auto bytes = text.substr(0, begin + part.size_bytes);
            auto at = begin;
            while (const auto found = literals.find(bytes, at)) {
                QSLIP_CHECK(add_text(text.substr(done, found->begin - done)));
                out_.push_back(found->id);
                done = at = found->begin + found->size;
            }
            begin += part.size_bytes;
        }
        QSLIP_CHECK(add_text(text.substr(done)));
        return std::move(out_);
    }

private:
    status add_text(std::string_view text) {
        while (!text.empty()) {
            const std::size_t valid = utf8_valid_prefix(text);
            QSLIP_CHECK(add_utf8(text.substr(0, valid)));
            text.remove_prefix(valid);
            if (text.empty()) break;
            QSLIP_CHECK(add_word(text.substr(0, 1)));  // malformed: one byte, one word
            text.remove_prefix(1);
        }
        return {};
    }

    status add_utf8(std::string_view text) {
        splitter_.start(text);
        for (;;) {
            QSLIP_TRY(const auto word, splitter_.next());
            if (word.empty()) return {};
            QSLIP_CHECK(add_word(word));
        }
    }

    status add_word(std::string_view word) {
        if (v_.rule->ignore_merges) {
            if (const auto found = v_.words.find(word); found != v_.words.end()) {
                out_.push_back(found->second);
                return {};
            }
        }
        ids_.clear();
        for (const char& c : word) {
            const std::int32_t id = v_.byte_ids[static_cast<std::uint8_t>(c)];
            if (id < 0)
                return {errc::unsupported, "the vocabulary has no token for the byte " + quoted({&c, 1}) +
                                               " at offset " + std::to_string(&c - base_) + " of the text"};
            ids_.push_back(id);
        }
        QSLIP_CHECK(merger_.merge(ids_));
        out_.insert(out_.end(), ids_.begin(), ids_.end());
        return {};
    }

    const tokenizer::vocabulary& v_;
    word_splitter splitter_;
    word_merger merger_;
    const char* base_ = nullptr;
    std::vector<std::int32_t> ids_, out_;
};

/// The keys of `file` as parts; the views live as long as `tokens` and `merges`.
std::optional<std::uint64_t> optional_uint(const gguf_file& file, std::string_view key, status& why) {
    if (!file.has(key) || !why.ok()) return {};
    auto found = file.get_uint(key);
    if (!found) why = found.status();
    return found ? std::optional(*found) : std::nullopt;
}

std::vector<std::string_view> views(const string_list& list) {
    std::vector<std::string_view> all;
    all.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) all.push_back(list[i]);
    return all;
}

result<tokenizer_parts> read_parts(const gguf_file& file, std::string_view pre_override) {
    QSLIP_TRY(const auto kind, file.get_string("tokenizer.ggml.model"));
    if (kind != "gpt2")
        return status(errc::unsupported, "tokenizer.ggml.model = " + quoted(kind) +
                                             "; supported: \"gpt2\" (byte-level BPE). Feed logits instead");
    tokenizer_parts parts;
    parts.pre = pre_override;
    if (parts.pre.empty() && file.has("tokenizer.ggml.pre")) {
        QSLIP_TRY(parts.pre, file.get_string("tokenizer.ggml.pre"));
    }
    QSLIP_TRY(const auto tokens, file.get_string_array("tokenizer.ggml.tokens"));
    QSLIP_TRY(const auto merges, file.get_string_array("tokenizer.ggml.merges"));
    QSLIP_TRY(parts.types, file.get_i32_array("tokenizer.ggml.token_type"));
    parts.tokens = views(tokens);
    parts.merges = views(merges);
    if (file.has("tokenizer.ggml.add_bos_token")) {
        QSLIP_TRY(parts.add_bos, file.get_bool("tokenizer.ggml.add_bos_token"));
    }
    status why;
    parts.bos = optional_uint(file, "tokenizer.ggml.bos_token_id", why);
    parts.eos = optional_uint(file, "tokenizer.ggml.eos_token_id", why);
    parts.eot = optional_uint(file, "tokenizer.ggml.eot_token_id", why);
    parts.eom = optional_uint(file, "tokenizer.ggml.eom_token_id", why);
    QSLIP_CHECK(std::move(why));
    return parts;
}

status in_file(const gguf_file& file, const status& why) {
    return {why.code(), escaped(file.file().path()) + ": " + why.message()};
}

}  // namespace

result<tokenizer> tokenizer::create(const tokenizer_parts& parts, const limits& limits) {
    QSLIP_TRY(auto built, vocabulary::build(parts, limits));
    return tokenizer(std::move(built));
}

result<tokenizer> tokenizer::from_gguf(const gguf_file& file, const limits& limits,
                                       std::string_view pre_override) {
    auto parts = read_parts(file, pre_override);
    if (!parts) return in_file(file, parts.status());
    auto made = create(*parts, limits);
    if (!made) return in_file(file, made.status());
    return made;
}

result<tokenizer> tokenizer::open(const std::string& path, const limits& limits,
                                  std::string_view pre_override) {
    QSLIP_TRY(const auto file, gguf_file::open(path, limits));
    return from_gguf(file, limits, pre_override);
}

static status check_size(std::string_view text, const limits& limits) {
    if (text.size() <= limits.text_bytes) return {};
    return {errc::limit, "text of " + std::to_string(text.size()) + " bytes; the limit is " +
                             std::to_string(limits.text_bytes)};
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

const std::string& tokenizer::pre() const noexcept { return vocabulary_->pre; }
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
    if (a.rule != b.rule) return two("pre-tokenizers differ", quoted(a.pre), quoted(b.pre));
    const auto rank = [](const bpe_merge& m) { return std::pair(m.left, m.right); };
    const auto x = a.merges.merges(), y = b.merges.merges();
    const auto [at_x, at_y] = std::mismatch(x.begin(), x.end(), y.begin(), y.end(),
                                            [&](const auto& m, const auto& n) { return rank(m) == rank(n); });
    if (at_x != x.end() || at_y != y.end())
        return "merges differ from rank " + std::to_string(at_x - x.begin()) + " on";
    if (a.adds_bos != b.adds_bos)
        return two("BOS in front of texts", a.adds_bos ? "yes" : "no", b.adds_bos ? "yes" : "no");
    if (a.adds_bos && a.bos != b.bos)
        return two("BOS is token", std::to_string(*a.bos), std::to_string(*b.bos));
    return {};
}

}  // namespace qslip
