#include "text/tokenizer_pattern.hpp"

#include <qslip/detail/core/quote.hpp>

namespace qslip {
namespace {

// Insides of character classes: Unicode White_Space, and Oniguruma's word characters.
constexpr std::string_view spaces =
    R"(\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
#define QSLIP_WORD_CHARACTERS                                        \
    R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})" \
    R"(\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189})"
constexpr std::string_view word_characters = QSLIP_WORD_CHARACTERS;
#define QSLIP_IN_WORD "[" QSLIP_WORD_CHARACTERS "]"
constexpr std::string_view word_boundary =
    "(?:(?<=" QSLIP_IN_WORD ")(?!" QSLIP_IN_WORD ")|(?<!" QSLIP_IN_WORD ")(?=" QSLIP_IN_WORD "))";
// Escapes that mean the same to both.
constexpr std::string_view common_escapes = "dDpPrntfxAzZ";

class translator {
public:
    explicit translator(std::string_view pattern) : left_(pattern), pattern_(pattern) {}

    result<std::string> run() {
        while (!left_.empty()) {
            if (left_.front() == '\\') {
                QSLIP_CHECK(escape());
            } else if (in_class_) {
                QSLIP_CHECK(class_character());
            } else {
                if (left_.front() == '[')
                    open_class();
                else
                    copy(1);
            }
        }
        return "(?m)" + std::move(out_);  // ^ and $ are lines' ends to Oniguruma
    }

private:
    void copy(std::size_t n) {
        out_ += left_.substr(0, n);
        left_.remove_prefix(n);
    }

    status refuse(std::string_view what) const {
        return {errc::unsupported, "the pattern " + quoted(pattern_) + " uses " + std::string(what) +
                                       ", which is not supported"};
    }

    /// A "]" in front is an ordinary character.
    void open_class() {
        in_class_ = true;
        copy(left_.starts_with("[^") ? 2 : 1);
        if (left_.starts_with(']')) copy(1);
    }

    status class_character() {
        if (left_.starts_with("&&")) return refuse("an intersection of classes (&&)");
        if (left_.starts_with('[')) return refuse("a class inside a class");
        if (left_.front() == ']') in_class_ = false;
        copy(1);
        return {};
    }

    status escape() {
        if (left_.size() < 2) return refuse("a backslash at its end");
        const char c = left_[1];
        if (c == 's' || c == 'w') {
            insert(c == 's' ? spaces : word_characters, false);
        } else if ((c == 'S' || c == 'W') && !in_class_) {
            insert(c == 'S' ? spaces : word_characters, true);
        } else if (c == 'b' && !in_class_) {
            out_ += word_boundary;
            left_.remove_prefix(2);
        } else if (common_escapes.find(c) != common_escapes.npos || is_punctuation(c)) {
            copy(2);
        } else {
            return refuse("the escape " + quoted(left_.substr(0, 2)));
        }
        return {};
    }

    void insert(std::string_view characters, bool negated) {
        if (!in_class_) out_ += negated ? "[^" : "[";
        out_ += characters;
        if (!in_class_) out_ += ']';
        left_.remove_prefix(2);
    }

    static bool is_punctuation(char c) {
        return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
               (c >= '{' && c <= '~') || c == ' ';
    }

    std::string_view left_, pattern_;
    std::string out_;
    bool in_class_ = false;
};

}  // namespace

result<std::string> pcre2_pattern(std::string_view oniguruma) { return translator(oniguruma).run(); }

std::string literal_pattern(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                              static_cast<unsigned char>(c) >= 0x80;
        if (!is_plain) out += '\\';
        out += c;
    }
    return out;
}

}  // namespace qslip
