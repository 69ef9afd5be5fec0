#pragma once
#include <span>
#include <string_view>
#include <vector>

namespace qslip {

/// How text becomes words: each pattern in turn cuts the words so far; what matches and what lies between
/// matches are words.
struct pre_rule {
    std::string_view family;  ///< one name for all spellings of the rule
    std::span<const std::string_view> names;
    std::span<const std::string_view> patterns;
    bool ignore_merges;  ///< a word that is a token is that token, whatever the merges say
    bool add_bos;        ///< unless the file says otherwise
};

/// nullptr for an unknown name.
const pre_rule* find_pre_rule(std::string_view name);

}  // namespace qslip
