#pragma once
#include <qslip/tokenizer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// Types of tokens, numbered as in GGUF.
enum class token_type : std::uint8_t { undefined, normal, unknown, control, user_defined, unused, byte };

/// What the texts of tokens say about them, whatever their types in the file: converters get those wrong.
struct customary_marks {
    std::vector<std::int32_t> ends;  ///< tokens that end an answer
    std::vector<std::string> notes;  ///< one per type that was corrected
};

/// Finds the marks by text and corrects `types`. Needs: one type per token.
customary_marks find_customary_marks(const std::vector<std::string_view>& tokens,
                                     std::vector<token_type>& types);

}  // namespace qslip
