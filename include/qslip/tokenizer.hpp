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

/// What a byte-level BPE vocabulary is made of; the views are read by tokenizer::create() only.
struct tokenizer_parts {
    std::string_view pre = {};  ///< tokenizer.ggml.pre: names the rule that splits text into words
    std::vector<std::string_view> tokens = {};  ///< in GPT-2's byte alphabet; control tokens as they are
    std::vector<std::int32_t> types = {};       ///< one per token, 0..6 as in GGUF (1 normal, 3 control, ...)
    std::vector<std::string_view> merges = {};  ///< "left right", best first
    std::optional<std::uint64_t> bos = {}, eos = {}, eot = {}, eom = {};
    std::optional<bool> add_bos = {};  ///< empty: what `pre` implies
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

/// Byte-level BPE, as in GPT-2, Llama 3, Qwen 2, SmolLM, StarCoder, DeepSeek.
///
/// Rules where files and engines differ:
/// - Written-out tokens are found leftmost first, the longest of those that start there; nothing around them
///   is stripped.
/// - Text that is not UTF-8: each malformed byte is a word of its own, so that decoding gives it back.
/// - A byte the vocabulary has no token for is an error (naming byte and offset), never dropped.
/// - Token texts are unique; an empty one is never produced and decodes to nothing. A token with characters
///   outside the byte alphabet (spaces, NUL, raw or malformed UTF-8) decodes to its bytes as they are and
///   comes from text only when user-defined or control.
/// - Each merge joins two tokens into a third, all three in the vocabulary, and no pair is listed twice.
/// Character classes are those of Unicode 14.
///
/// Copies share the vocabulary. Thread-safe: yes.
class tokenizer {
public:
    /// From the tokenizer.ggml.* keys of a file; `pre_override` replaces tokenizer.ggml.pre.
    /// Errors: unsupported (not byte-level BPE; unknown or missing tokenizer.ggml.pre), not_found and type
    /// (a key missing or of another type), format (the lists contradict each other), limit.
    static result<tokenizer> from_gguf(const gguf_file& file, const limits& limits = {},
                                       std::string_view pre_override = {});
    /// The same from the path of a model file. Errors: those of reading its header, too.
    static result<tokenizer> open(const std::string& path, const limits& limits = {},
                                  std::string_view pre_override = {});
    static result<tokenizer> create(const tokenizer_parts& parts, const limits& limits = {});

    /// Token ids of `text`. Time: O(n log n). Memory: 4 bytes per token, up to 40 bytes per byte of the
    /// longest word. Errors: limit (text_bytes), unsupported (a byte without a token), no_memory.
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
    /// eos, eot, eom, or a control or user-defined token whose text is a customary end mark (<|im_end|>,
    /// ...).
    bool is_end_of_generation(std::int32_t id) const noexcept;

    /// The name that chose the splitting rule, as given.
    const std::string& pre() const noexcept;
    /// SHA-256 (hex) over splitting rule, tokens, types, merges and BOS rule: equal digests tokenize equally.
    const std::string& digest() const noexcept;
    /// The first thing that makes the two tokenize differently, for a message; empty when nothing does.
    std::string first_difference(const tokenizer& other) const;

    struct vocabulary;  // private to src/io

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
