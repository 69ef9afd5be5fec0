#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "text/regex_program.hpp"
#include "text/tokenizer_pre.hpp"

namespace qslip {

/// The compiled patterns of a rule, in order.
using split_programs = std::vector<std::shared_ptr<const regex::program>>;

result<split_programs> compile_split(const pre_rule& rule);

/// Cuts texts into words, one at a time: memory does not grow with the number of words.
class word_splitter {
public:
    static result<word_splitter> create(const split_programs& programs);

    /// Starts on `text`, which must be well-formed UTF-8 and outlive the calls of next().
    void start(std::string_view text);
    /// The next word; empty at the end. Words are never empty and join up to the text.
    result<std::string_view> next();

private:
    /// A piece that pattern `i` is cutting, i = index in open_.
    struct piece {
        std::string_view text;
        std::size_t at = 0;         // everything before is handed on
        std::size_t match_end = 0;  // > at: the match found at `at`
    };

    explicit word_splitter(std::vector<regex_scan> scans) : scans_(std::move(scans)) {}
    result<std::string_view> cut(piece& from, regex_scan& scan);

    std::vector<regex_scan> scans_;
    std::vector<piece> open_;
};

}  // namespace qslip
