#pragma once
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "text/regex_program.hpp"
#include "text/tokenizer_pre.hpp"

namespace qslip {

/// One cut of text into words by a pattern.
struct split_step {
    enum class behaviour {
        isolated,              ///< matches, and what lies between them
        removed,               ///< what lies between matches
        only_matches,          ///< matches; what lies between them is dropped
        merged_with_previous,  ///< a match and what lies between it and the match before
        groups_of_three        ///< as isolated, but a match is cut into threes of characters, from its end
    };
    std::shared_ptr<const regex::program> pattern;
    behaviour keep = behaviour::isolated;

    /// A pattern of ours: backtracks no further than it matched, so that no text makes it slow.
    static result<split_step> ours(std::string_view pattern, behaviour keep = behaviour::isolated);
    /// A pattern of a file, with the limits of `limits`.
    static result<split_step> of_file(std::string_view pattern, behaviour keep, const limits& limits);
};

/// The steps of a rule, in order.
using split_steps = std::vector<split_step>;

result<split_steps> compile_split(const pre_rule& rule);

/// Cuts texts into words, one at a time: memory does not grow with the number of words.
class word_splitter {
public:
    static result<word_splitter> create(const split_steps& steps);

    /// Starts on `text`, which must be well-formed UTF-8 and outlive the calls of next().
    void start(std::string_view text);
    /// The next word; empty at the end. Words are never empty, and join up to the text unless a step removes.
    result<std::string_view> next();

private:
    /// A piece that step `i` is cutting, i = index in open_.
    struct piece {
        std::string_view text;
        std::size_t at = 0;         // everything before is handed on
        std::size_t match_end = 0;  // > at: the match found at `at`
        std::size_t run_end = 0;    // > at: the run of digits that is being cut into threes ends there
    };
    struct stage {
        regex_scan scan;
        split_step::behaviour keep;
    };

    explicit word_splitter(std::vector<stage> stages) : stages_(std::move(stages)) {}
    static result<std::string_view> cut(piece& from, stage& by);
    static result<std::optional<regex_match>> find(piece& from, stage& by);

    std::vector<stage> stages_;
    std::vector<piece> open_;
};

}  // namespace qslip
