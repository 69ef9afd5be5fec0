#pragma once
#include <qslip/tokenizer.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/tokenizer_normalize.hpp"
#include "text/tokenizer_split.hpp"

namespace qslip {

/// How a vocabulary is used: what happens to a text before words are looked up, and how words become tokens.
/// Views borrow from whatever the plan was read from.
struct tokenizer_plan {
    enum class algorithm { merges, scores, unigram };

    std::string name;                                 ///< as the file or the user gave it, for messages
    std::string family;                               ///< equal for equal rules; part of the digest
    std::string_view key_prefix = "tokenizer.ggml.";  ///< of the file's keys, for messages
    bool byte_letters = true;  ///< tokens are spelled in GPT-2's byte alphabet, else in plain UTF-8
    text_normalizer normalizer;
    text_normalizer before_splitting;  ///< edits of what lies between tokens written out in normalized text
    split_steps splits;
    std::string word_prefix;  ///< in front of each word that does not start with it
    algorithm words_by = algorithm::merges;
    std::vector<std::pair<std::string_view, std::string_view>> merges;  ///< left, right, best first
    bool ignore_merges = false;                   ///< a word that is a token is that token
    bool fuse_unknown = false;                    ///< unknown characters in a row are one token
    bool adds_bos = false;                        ///< unless the parts say otherwise
    std::vector<std::int32_t> after_normalizing;  ///< written-out tokens to be found in normalized text
    std::vector<std::int32_t> strips_left, strips_right;  ///< written-out tokens that swallow white space
};

/// The plan of a GGUF vocabulary. Errors: unsupported (an unknown splitting rule), format.
result<tokenizer_plan> plan_of(const tokenizer_parts& parts);

}  // namespace qslip
