#pragma once
// The one reader of JSON that looks at its bytes: it tells where a text breaks and what stands before.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/json_character.hpp"

namespace qslip {

struct json_fault {
    std::size_t byte;
    const char* what;
};

/// What stands in a text, in its order; what it is, its first byte tells.
struct json_token {
    enum class part { open, close, scalar };  ///< a bracket, or a key, string, number or literal
    json_token::part part;
    std::size_t begin, end;  ///< in bytes; of a scalar that is broken or cut off, as far as it is sound
    bool closed;             ///< the text shows where it ends: not so for a number at its very end
};

/// Goes through a text, which may be cut off anywhere or be no JSON at all. No recursion; a byte of memory
/// for each open bracket: who wants a bound on depth stops at it. Borrows the text.
class json_scanner {
public:
    json_scanner(std::string_view text, json_strings strings) : text_(text), strings_(strings) {}

    /// Empty behind the end of the value and after a fault; a scalar may come with a fault.
    std::optional<json_token> next();

    std::size_t depth() const { return open_.size(); }
    /// The first byte that no JSON text with this beginning has; once there is a fault.
    std::size_t stop() const { return at_; }
    /// Its byte is where a reader looks for it: the beginning of a bad literal or of an endless string.
    const std::optional<json_fault>& fault() const { return fault_; }

private:
    enum class due { value, item_or_end, key_or_end, colon, comma_or_end, nothing };

    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    void skip_space();
    bool broken(std::size_t byte, const char* what);
    std::nullopt_t stops(const char* what);

    std::optional<json_token> value();
    std::optional<json_token> key();
    std::optional<json_token> after_key();
    std::optional<json_token> after_value();
    json_token open();
    json_token close();
    json_token scalar(due after);
    due after_this_value() const { return open_.empty() ? due::nothing : due::comma_or_end; }

    // These say whether the text shows where the scalar ends.
    bool string();
    bool number();
    bool exponent();
    bool literal();
    bool digits();

    std::string_view text_;
    json_strings strings_;
    std::string open_;
    std::size_t at_ = 0;
    due due_ = due::value;
    std::optional<json_fault> fault_;
};

}  // namespace qslip
