#include "schema/ecma_pattern.hpp"

#include <qslip/detail/core/quote.hpp>

#include <cctype>
#include <cstdio>
#include <utility>
#include <vector>

#include "text/regex_program.hpp"

namespace qslip::schema {
namespace {

constexpr std::string_view space_set =
    R"(\t\n\x{B}\f\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF})";
constexpr std::string_view word_set = "A-Za-z0-9_";

constexpr std::pair<std::string_view, std::string_view> long_categories[] = {
#define QSLIP_CATEGORY(long_name, short_name) {#long_name, short_name},
#include "schema/unicode_category.inc"
#undef QSLIP_CATEGORY
};

std::string property_name(std::string_view name) {
    std::string_view prefix;
    for (const std::string_view key : {"General_Category=", "gc="})
        if (name.starts_with(key)) name.remove_prefix(key.size());
    for (const auto& [key, short_key] : {std::pair<std::string_view, std::string_view>{"Script=", "sc:"},
                                         {"sc=", "sc:"},
                                         {"Script_Extensions=", "scx:"},
                                         {"scx=", "scx:"}})
        if (name.starts_with(key)) {
            name.remove_prefix(key.size());
            prefix = short_key;
            break;
        }
    for (const auto& [long_name, short_name] : long_categories)
        if (prefix.empty() && name == long_name) name = short_name;
    return std::string(prefix) + std::string(name);
}

/// What a quantifier finds before it: an atom, a quantifier, or nothing it may repeat.
enum class repeatable : std::uint8_t { no, yes, quantified };

class translator {
public:
    explicit translator(std::string_view in) : in_(in) {}

    result<std::string> run() {
        while (at_ < in_.size())
            if (!(in_class_ ? class_part() : part()))
                return status(errc::schema,
                              "pattern " + quoted(in_) + ": " + why_ + " at byte " + std::to_string(at_));
        if (in_class_) return status(errc::schema, "pattern " + quoted(in_) + ": a [ without ]");
        return std::move(out_);
    }

private:
    bool bad(const char* why) {
        why_ = why;
        return false;
    }
    bool put(std::string_view text, std::size_t read) {
        out_ += text;
        at_ += read;
        return true;
    }

    bool part() {
        const char c = in_[at_];
        const auto before = std::exchange(last_, repeatable::yes);
        switch (c) {
            case '^': last_ = repeatable::no; return put("\\A", 1);
            case '$': last_ = repeatable::no; return put("\\z", 1);
            case '|': last_ = repeatable::no; return put("|", 1);
            case '.': return put("[^\\n\\r\\x{2028}\\x{2029}]", 1);
            case '[': return open_class();
            case '\\': return escape();
            case '(': return group();
            case ')': return close_group();
            case '?':
                if (before == repeatable::quantified) {
                    last_ = repeatable::no;
                    return put("?", 1);
                }
                [[fallthrough]];
            case '+':
            case '*':
            case '{': return quantifier(before);
            case ']':
            case '}': return bad("a lone bracket");
            default: return put(in_.substr(at_, 1), 1);
        }
    }

    /// One behind another, or behind an assertion, is a fault; in Perl some of them mean something else.
    bool quantifier(repeatable before) {
        if (before != repeatable::yes) return bad("nothing to repeat");
        last_ = repeatable::quantified;
        if (in_[at_] != '{') return put(in_.substr(at_, 1), 1);
        if (!counted()) return bad("a lone {");
        const auto size = in_.find('}', at_) - at_ + 1;
        return put(in_.substr(at_, size), size);
    }
    bool counted() const {
        auto i = at_ + 1;
        const auto digits = [&] {
            const auto start = i;
            while (i < in_.size() && in_[i] >= '0' && in_[i] <= '9') ++i;
            return i > start;
        };
        if (!digits()) return false;
        if (i < in_.size() && in_[i] == ',') {
            ++i;
            digits();
        }
        return i < in_.size() && in_[i] == '}';
    }
    bool group() {
        // PCRE2 compiles groups by recursion; 128 KiB of stack are to suffice.
        constexpr std::size_t deepest = 80;
        if (groups_.size() == deepest) return bad("groups nested deeper than 80");
        last_ = repeatable::no;
        const auto rest = in_.substr(at_);
        for (const std::string_view opening : {"(?=", "(?!", "(?<=", "(?<!", "(?:"})
            if (rest.starts_with(opening)) {
                groups_.push_back(opening == "(?:" ? repeatable::yes : repeatable::no);
                return put(opening, opening.size());
            }
        groups_.push_back(repeatable::yes);
        if (rest.starts_with("(?<")) {
            const auto end = rest.find('>');
            if (end == rest.npos || end == 3) return bad("a group's name does not end");
            return put(rest.substr(0, end + 1), end + 1);
        }
        if (rest.starts_with("(?") || rest.starts_with("(*")) return bad("an unknown kind of group");
        return put("(", 1);
    }
    bool close_group() {
        if (groups_.empty()) return bad("a ) without (");
        last_ = groups_.back();
        groups_.pop_back();
        return put(")", 1);
    }

    bool open_class() {
        const bool negated = in_.substr(at_).starts_with("[^");
        at_ += negated ? 2 : 1;
        if (at_ < in_.size() && in_[at_] == ']') {
            // Nothing, or anything.
            return put(negated ? "[\\s\\S]" : "(?!)", 1);
        }
        out_ += negated ? "[^" : "[";
        in_class_ = true;
        return true;
    }
    bool class_part() {
        const char c = in_[at_];
        if (c == ']') {
            in_class_ = false;
            return put("]", 1);
        }
        if (c == '\\') return escape();
        // Perl has [:name:] in classes.
        if (c == '[' || c == ':' || c == '.' || c == '=') return put(std::string{'\\', c}, 1);
        return put(in_.substr(at_, 1), 1);
    }

    bool set(std::string_view members, bool negated) {
        if (!in_class_) {
            out_ += negated ? "[^" : "[";
            return put(members, 2) && (out_ += "]", true);
        }
        if (!negated) return put(members, 2);
        return put(complement(members), 2);
    }
    static std::string_view complement(std::string_view members) {
        if (members == "0-9") return R"(\x{0}-\x{2F}\x{3A}-\x{10FFFF})";
        if (members == word_set) return R"(\x{0}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{5E}\x{60}\x{7B}-\x{10FFFF})";
        return R"(\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF})";
    }

    bool escape() {
        if (at_ + 1 >= in_.size()) return bad("a \\ at the end");
        const char c = in_[at_ + 1];
        switch (c) {
            case 'd': return set("0-9", false);
            case 'D': return set("0-9", true);
            case 'w': return set(word_set, false);
            case 'W': return set(word_set, true);
            case 's': return set(space_set, false);
            case 'S': return set(space_set, true);
            case 'b':
                if (!in_class_) last_ = repeatable::no;
                if (in_class_) return put("\\x{8}", 2);
                return put("(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))", 2);
            case 'B':
                last_ = repeatable::no;
                if (in_class_) return bad("\\B in a class");
                return put("(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))", 2);
            case 't':
            case 'n':
            case 'r':
            case 'f': return put(in_.substr(at_, 2), 2);
            case 'v': return put("\\x{B}", 2);
            case 'c': return control();
            case 'x': return code_point(at_ + 2, 2);
            case 'u': return unicode();
            case 'p':
            case 'P': return property();
            case 'k': return named_reference();
            case '0':
                if (at_ + 2 < in_.size() && in_[at_ + 2] >= '0' && in_[at_ + 2] <= '9')
                    return bad("an octal escape");
                return put("\\x{0}", 2);
            default: break;
        }
        if (c >= '1' && c <= '9') return reference();
        if ((c | 32) >= 'a' && (c | 32) <= 'z') return bad("an unknown escape");
        if (static_cast<unsigned char>(c) >= 0x80) return put("", 1);
        out_ += c == '_' ? "" : "\\";
        return put(in_.substr(at_ + 1, 1), 2);
    }
    bool control() {
        const char c = at_ + 2 < in_.size() ? in_[at_ + 2] : '\0';
        if (!((c | 32) >= 'a' && (c | 32) <= 'z')) return bad("\\c needs a letter");
        static constexpr char hex[] = "0123456789ABCDEF";
        const int code = c & 31;
        out_ += "\\x{";
        out_ += hex[code >> 4];
        out_ += hex[code & 15];
        return put("}", 3);
    }
    bool hex_digits(std::size_t from, std::size_t n) const {
        if (from + n > in_.size() || n == 0) return false;
        for (auto i = from; i < from + n; ++i)
            if (!std::isxdigit(static_cast<unsigned char>(in_[i]))) return false;
        return true;
    }
    bool code_point(std::size_t from, std::size_t n) {
        if (!hex_digits(from, n)) return bad("hex digits are due");
        out_ += "\\x{" + std::string(in_.substr(from, n)) + "}";
        at_ = from + n;
        return true;
    }
    bool unicode() {
        if (in_.substr(at_).starts_with("\\u{")) {
            const auto end = in_.find('}', at_);
            if (end == in_.npos || end - at_ > 11 || !code_point(at_ + 3, end - at_ - 3))
                return bad("a bad \\u{}");
            ++at_;
            return true;
        }
        if (!hex_digits(at_ + 2, 4)) return bad("four hex digits are due");
        const auto value = [&](std::size_t from) {
            return std::stoul(std::string(in_.substr(from, 4)), nullptr, 16);
        };
        const auto unit = value(at_ + 2);
        if (unit < 0xd800 || unit > 0xdfff) return code_point(at_ + 2, 4);
        if (unit > 0xdbff || in_.substr(at_ + 6, 2) != "\\u" || !hex_digits(at_ + 8, 4) ||
            value(at_ + 8) < 0xdc00 || value(at_ + 8) > 0xdfff)
            return bad("half a surrogate pair");
        char text[16];
        std::snprintf(text, sizeof text, "\\x{%lX}",
                      0x10000 + ((unit - 0xd800) << 10) + (value(at_ + 8) - 0xdc00));
        return put(text, 12);
    }
    bool property() {
        const auto end = in_.find('}', at_);
        if (in_.substr(at_ + 2, 1) != "{" || end == in_.npos)
            return bad("a property's name is due in braces");
        out_ += in_.substr(at_, 2);
        return put("{" + property_name(in_.substr(at_ + 3, end - at_ - 3)) + "}", end - at_ + 1);
    }
    bool named_reference() {
        const auto end = in_.find('>', at_);
        if (in_class_ || in_.substr(at_ + 2, 1) != "<" || end == in_.npos)
            return bad("a group's name is due");
        const std::string name(in_.substr(at_ + 2, end - at_ - 1));
        return put("(?(" + name + ")\\k" + name + ")", end - at_ + 1);
    }
    bool reference() {
        if (in_class_) return bad("a reference in a class");
        auto end = at_ + 1;
        while (end < in_.size() && in_[end] >= '0' && in_[end] <= '9') ++end;
        const std::string number(in_.substr(at_ + 1, end - at_ - 1));
        // A group that has not matched is as good as one that matched nothing.
        return put("(?(" + number + ")\\g{" + number + "})", end - at_);
    }

    std::string_view in_;
    std::string out_;
    std::size_t at_ = 0;
    std::vector<repeatable> groups_;  // what stands behind their closing parenthesis
    repeatable last_ = repeatable::no;
    bool in_class_ = false;
    const char* why_ = "";
};

}  // namespace

result<std::string> ecma_to_pcre2(std::string_view pattern) { return translator(pattern).run(); }

bool is_ecma_pattern(std::string_view pattern) {
    const auto translated = ecma_to_pcre2(pattern);
    if (!translated) return false;
    int code = 0;
    PCRE2_SIZE at = 0;
    const pcre2_owner<pcre2_code> made(
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->data()), translated->size(),
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &at, nullptr));
    // PCRE2 10.42 has no lookbehind of varying length; ECMA-262 has.
    return made || code == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH ||
           code == PCRE2_ERROR_LOOKBEHIND_TOO_COMPLICATED;
}

}  // namespace qslip::schema
