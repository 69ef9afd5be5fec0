#pragma once
#include <qslip/errors.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/regex_program.hpp"
#include "text/tokenizer_charsmap.hpp"

namespace qslip {

inline constexpr std::string_view space_mark = "\xE2\x96\x81";  // U+2581, SentencePiece's visible space

/// One edit of a text before it is cut into words.
struct text_edit {
    enum class kind {
        nfc,
        nfd,
        nfkc,
        nfkd,
        replace,            ///< each `from` becomes `to`
        replace_matches,    ///< each match of `pattern` becomes `to`
        prepend,            ///< `to` in front of a fragment that is not empty
        prepend_if_absent,  ///< unless the fragment starts with `to`
        prepend_at_start,   ///< prepend_if_absent, at the start of the whole text only
        charsmap,           ///< SentencePiece's precompiled map
        mark_spaces,        ///< each space becomes a space mark; one more in front of the first word
        squeeze_spaces      ///< the same for runs of spaces, without those at the ends
    } what;
    std::string from = {}, to = {};
    std::shared_ptr<const regex::program> pattern = {};
    std::shared_ptr<const char_map> map = {};
};

/// Where a piece of text stands in what is encoded.
struct text_place {
    bool starts_text = false;
    bool starts_fragment = false;  ///< nothing, or a written-out token, stands before it
};

/// Edits in their order. Immutable.
class text_normalizer {
public:
    void add(text_edit edit) { edits_.push_back(std::move(edit)); }
    bool changes_nothing() const noexcept { return edits_.empty(); }

    /// Needs: well-formed UTF-8.
    /// Errors: limit (more than 16 times as long as it was, and over 1 MiB), budget (a pattern), no_memory.
    result<std::string> apply(std::string_view text, text_place place) const;

private:
    std::vector<text_edit> edits_;
};

}  // namespace qslip
