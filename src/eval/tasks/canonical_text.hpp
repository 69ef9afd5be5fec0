#pragma once
#include <string>
#include <string_view>

namespace qslip {

/// ASCII white space collapsed to single spaces and trimmed; with `fold_case`, ASCII letters in lower case.
std::string canonical_text(std::string_view text, bool fold_case);

/// The first place of `word` in `text` where no letter or digit touches it; npos when there is none.
std::size_t find_word(std::string_view text, std::string_view word);

}  // namespace qslip
