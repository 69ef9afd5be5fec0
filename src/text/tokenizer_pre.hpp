#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// In the place of a pattern: runs of numbers are cut into threes, counted from their end.
inline constexpr std::string_view digits_in_threes = "digits in threes";

/// How text becomes words: each pattern in turn cuts the words so far; what matches and what lies between
/// matches are words.
struct pre_rule {
    std::string_view family;  ///< one name for all spellings of the rule
    std::span<const std::string_view> names;
    std::span<const std::string_view> patterns;
    bool ignore_merges = false;  ///< a word that is a token is that token, whatever the merges say
    bool add_bos = false;        ///< unless the file says otherwise
    bool marked_spaces = false;  ///< tokens are plain UTF-8 with visible spaces, bytes as <0xHH>
    std::span<const std::string_view> published = {};  ///< the patterns as a tokenizer.json writes them
};

/// nullptr for an unknown name.
const pre_rule* find_pre_rule(std::string_view name);

/// The rule whose patterns a tokenizer.json writes so; nullptr when none is known.
const pre_rule* find_published_rule(std::span<const std::string> patterns, bool ignore_merges);

/// The pattern of Hugging Face's ByteLevel.
extern const std::string_view byte_level_pattern;

}  // namespace qslip
