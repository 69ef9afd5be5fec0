#pragma once
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

class gguf_file;

enum class tokenizer_family {
    bpe,     ///< pairs merge by rank, in words that `pre` cuts: GPT-2, Llama 3, Qwen, DeepSeek, Gemma 4, ...
    spm,     ///< SentencePiece BPE, pairs merge by score: Llama 2, Mistral 7B, Phi 3, Gemma 1 to 3
    unigram  ///< SentencePiece Unigram, the most probable tokens: T5, XLM-R
};

/// What a vocabulary is made of; the views are read by tokenizer::create() only.
struct tokenizer_parts {
    tokenizer_family family = tokenizer_family::bpe;
    std::string_view pre = {};  ///< bpe: names the rule that splits text into words
    std::vector<std::string_view> tokens =
        {};                                ///< bpe: in GPT-2's byte alphabet unless the rule says otherwise;
                                           ///< else UTF-8 with U+2581 for spaces. Control tokens as they are
    std::vector<std::int32_t> types = {};  ///< one per token, 0..6 as in GGUF (1 normal, 3 control, ...)
    std::vector<std::string_view> merges = {};  ///< bpe: "left right", best first
    std::vector<double> scores = {};            ///< spm, unigram: one per token
    std::optional<std::uint64_t> bos = {}, eos = {}, eot = {}, eom = {};
    std::vector<std::uint64_t> more_ends = {};  ///< further tokens that end an answer
    std::optional<std::uint64_t> unknown = {};  ///< stands for what the vocabulary can't spell
    std::optional<bool> add_bos = {};           ///< empty: what `pre` or the family implies
    std::optional<bool> add_space_prefix = {};  ///< spm (yes), unigram (no): a space in front of a text
    bool remove_extra_whitespaces = false;      ///< unigram: runs of spaces count as one, at the ends as none
    std::string_view char_map = {};             ///< unigram: SentencePiece's precompiled character map
};

/// What stands beside a tokenizer.json: tokenizer_config.json, generation_config.json.
struct tokenizer_marks {
    std::vector<std::uint64_t> eos = {};  ///< all tokens that end an answer
    std::optional<std::uint64_t> bos = {};
    std::optional<bool> add_bos = {};  ///< empty: as the post-processor says
};

struct encode_options {
    bool add_bos_if_model_says = false;
    /// Control tokens written out in the text become their ids; otherwise they are plain text.
    /// User-defined tokens are matched either way.
    bool parse_special = false;
};

/// A run of bytes of a text, and whether control tokens may be written out in it.
struct text_part {
    std::size_t size_bytes = 0;
    bool parse_special = false;
};

struct decode_options {
    bool special = true;  ///< false leaves control tokens out
};

/// Text to token ids and back.
///
/// Rules where files and engines differ:
/// - Written-out tokens are found leftmost first, the longest of those that start there. White space around
///   them stays, unless a tokenizer.json says otherwise (lstrip, rstrip).
/// - Text that is not UTF-8: each malformed byte is a word of its own, so that decoding gives it back.
/// - What the vocabulary has no token for is spelled in byte tokens, else is the unknown token where the file
///   names one, else an error (naming byte and offset): never dropped.
/// - Token texts are unique; an empty one is never produced and decodes to nothing. A token with characters
///   outside the byte alphabet (spaces, NUL, raw or malformed UTF-8) decodes to its bytes as they are and
///   comes from text only when user-defined or control.
/// - Where scores decide, control, unknown and byte tokens never come from plain text.
/// - Each merge joins two tokens into a third, all three in the vocabulary, and no pair is listed twice.
/// - Decoding joins the bytes of tokens: the space that SPM and Unigram put in front of a text stays.
/// - A token whose text is a customary end or control mark ("<|im_end|>", ...) is a control token, whatever
///   its type in the file; notes() says so.
/// Character classes are those of Unicode 14.
///
/// Copies share the vocabulary. Thread-safe: yes.
class tokenizer {
public:
    /// From the tokenizer.ggml.* keys of a file; `pre_override` replaces tokenizer.ggml.pre.
    /// Errors: unsupported (an unknown family; unknown or missing tokenizer.ggml.pre), not_found and type
    /// (a key missing or of another type), format (the lists contradict each other), limit.
    static result<tokenizer> from_gguf(const gguf_file& file, const limits& limits = {},
                                       std::string_view pre_override = {});
    /// The same from the path of a model file. Errors: those of reading its header, too.
    static result<tokenizer> open(const std::string& path, const limits& limits = {},
                                  std::string_view pre_override = {});
    /// From the text of a tokenizer.json (Hugging Face): BPE or Unigram. `where` names it in messages.
    /// Errors: unsupported (a part of it that is not understood, by name), schema (a member of another type
    /// than expected), format (not JSON; the lists contradict each other), limit.
    static result<tokenizer> from_json(std::string_view text, const tokenizer_marks& marks = {},
                                       const limits& limits = {},
                                       const std::string& where = "tokenizer.json");
    static result<tokenizer> create(const tokenizer_parts& parts, const limits& limits = {});

    /// Token ids of `text`. Time: O(n log n). Memory: 4 bytes per token, up to 40 bytes per byte of the
    /// longest word. Errors: limit (text_bytes), unsupported (a byte without a token), budget (a splitting
    /// pattern of a tokenizer.json), no_memory.
    result<std::vector<std::int32_t>> encode(std::string_view text, encode_options options = {}) const;

    /// The same for a text of several origins: control tokens are found only inside parts that say so; no
    /// written-out token is found across the end of a part. Words form across parts.
    /// Errors also: arg (the parts do not add up to the text).
    result<std::vector<std::int32_t>> encode_parts(std::string_view text,
                                                   std::span<const text_part> parts) const;

    /// The bytes of `ids` one after another; not UTF-8 where a character is cut.
    /// Errors: arg (an id outside the vocabulary).
    result<std::string> decode(std::span<const std::int32_t> ids, decode_options options = {}) const;

    /// Decoded bytes of one token, valid as long as a copy of this tokenizer lives; empty for other ids.
    std::string_view token_bytes(std::int32_t id) const noexcept;

    std::size_t n_vocab() const noexcept;
    std::optional<std::int32_t> bos() const noexcept;
    std::optional<std::int32_t> eos() const noexcept;
    std::optional<std::int32_t> eot() const noexcept;
    bool adds_bos() const noexcept;
    /// Control or unknown token. False for ids outside the vocabulary.
    bool is_special(std::int32_t id) const noexcept;
    /// A token that the file names as an end, or whose text is a customary end mark (<|im_end|>, ...).
    bool is_end_of_generation(std::int32_t id) const noexcept;

    /// The tokens that end an answer, ascending.
    std::span<const std::int32_t> ends_of_generation() const noexcept;
    /// What was corrected while reading, one plain sentence each, for the user.
    std::span<const std::string> notes() const noexcept;

    /// The name that chose the splitting rule, as given; "spm", "unigram" and "tokenizer.json" have none.
    const std::string& pre() const noexcept;
    /// SHA-256 (hex) over splitting rule, tokens, types, merges or scores, and BOS rule: equal digests
    /// tokenize equally.
    const std::string& digest() const noexcept;
    /// The first thing that makes the two tokenize differently, for a message; empty when nothing does.
    std::string first_difference(const tokenizer& other) const;

    struct vocabulary;  // private to src/text

private:
    explicit tokenizer(std::shared_ptr<const vocabulary> v) : vocabulary_(std::move(v)) {}
    std::shared_ptr<const vocabulary> vocabulary_;
};

/// Names tokenizer.ggml.pre (and --pre) may have, in table order.
std::vector<std::string_view> known_pre_tokenizers();

/// Token ids written as a JSON list: `[504, 2967]`. `name` stands for the text in messages.
/// Errors: format, schema (not a list of token ids), limit.
result<std::vector<std::int32_t>> parse_token_ids(std::string_view json, const std::string& name,
                                                  const limits& limits = {});
/// A file that holds a JSON list of such lists. Errors: those of reading, too.
result<std::vector<std::vector<std::int32_t>>> read_token_lists(const std::string& path,
                                                                const limits& limits = {});

}  // namespace qslip
