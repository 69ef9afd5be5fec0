#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/utf8.hpp>

#include <algorithm>
#include <array>

#include "text/chat/template_syntax.hpp"

namespace qslip::chat {

std::string at_line(std::uint32_t line, const std::string& what) {
    return "chat template line " + std::to_string(line) + ": " + what;
}

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// The source as Jinja takes it: "\n" for every line end, one at the very end dropped.
std::string normalised(std::string_view source) {
    std::string out;
    out.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n') continue;
        out += source[i] == '\r' ? '\n' : source[i];
    }
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

class lexer {
public:
    explicit lexer(std::string_view source) : source_(normalised(source)) {}

    result<std::vector<token>> run() {
        while (at_ < source_.size()) QSLIP_CHECK(read_text());
        if (tokens_.size() > max_tokens)
            return fault(errc::limit, "more than " + grouped(max_tokens) + " tokens");
        add(token::type::end, "");
        return std::move(tokens_);
    }

private:
    using type = token::type;

    status fault(errc code, const std::string& what) const { return {code, at_line(line_, what)}; }
    void add(type kind, std::string bytes) { tokens_.push_back({kind, std::move(bytes), line_}); }
    bool has(std::string_view what) const { return source_.compare(at_, what.size(), what) == 0; }
    void advance(std::size_t n) {
        line_ += static_cast<std::uint32_t>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                       source_.begin() + static_cast<std::ptrdiff_t>(at_ + n),
                                                       '\n'));
        at_ += n;
    }
    void skip_space() {
        while (at_ < source_.size() && is_space(source_[at_])) advance(1);
    }

    std::size_t next_tag(std::size_t from) const {
        for (auto at = source_.find('{', from); at != std::string::npos; at = source_.find('{', at + 1))
            if (at + 1 < source_.size() && std::string_view("{%#").find(source_[at + 1]) != std::string::npos)
                return at;
        return source_.size();
    }

    /// Text up to the next tag, then the tag.
    status read_text() {
        const auto tag = next_tag(at_);
        auto bytes = source_.substr(at_, tag - at_);
        const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
        if (tag < source_.size()) {
            if (sign == '-')
                while (!bytes.empty() && is_space(bytes.back())) bytes.pop_back();
            else if (sign != '+' && source_[tag + 1] != '{')
                strip_indent(bytes);
        }
        if (!bytes.empty()) add(type::text, bytes);
        advance(tag - at_);
        return tag < source_.size() ? read_tag(sign) : status();
    }
    /// A tag that is first on its line takes the line's indent with it.
    void strip_indent(std::string& bytes) const {
        const auto end_of_line = bytes.rfind('\n');
        if (end_of_line == std::string::npos && !line_starts_) return;
        const auto begin = end_of_line == std::string::npos ? 0 : end_of_line + 1;
        if (std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.end(), is_space))
            bytes.resize(begin);
    }

    status read_tag(char sign) {
        const char shape = source_[at_ + 1];
        advance(sign == '-' || sign == '+' ? 3 : 2);
        if (shape == '#') return skip_comment();
        if (shape == '%' && is_raw()) return read_raw();
        add(shape == '{' ? type::open_output : type::open_block, "");
        QSLIP_CHECK(read_code(shape == '{' ? '}' : '%'));
        return {};
    }

    /// Behind a tag: `-` eats white space, a block or comment its newline unless `+` stands there.
    void after_tag(char sign, bool trims_newline) {
        const auto before = at_;
        if (sign == '-')
            skip_space();
        else if (trims_newline && sign != '+' && has("\n"))
            advance(1);
        line_starts_ = at_ > before && source_[at_ - 1] == '\n';
    }

    status skip_comment() {
        const auto end = source_.find("#}", at_);
        if (end == std::string::npos) return fault(errc::format, "a comment does not end");
        const char sign = end > at_ ? source_[end - 1] : ' ';
        advance(end + 2 - at_);
        after_tag(sign, true);
        return {};
    }

    /// At `raw %}` or `raw -%}`?
    bool is_raw() const {
        auto at = at_;
        while (at < source_.size() && is_space(source_[at])) ++at;
        if (source_.compare(at, 3, "raw") != 0) return false;
        at += 3;
        while (at < source_.size() && is_space(source_[at])) ++at;
        return source_.compare(at, 2, "%}") == 0 || source_.compare(at, 3, "-%}") == 0;
    }
    status read_raw() {
        const auto open_end = source_.find("%}", at_);
        const char open_sign = source_[open_end - 1];
        advance(open_end + 2 - at_);
        after_tag(open_sign, false);
        for (auto tag = source_.find("{%", at_); tag != std::string::npos;
             tag = source_.find("{%", tag + 2)) {
            auto name = tag + 2;
            const char sign = name < source_.size() ? source_[name] : ' ';
            if (sign == '-' || sign == '+') ++name;
            while (name < source_.size() && is_space(source_[name])) ++name;
            if (source_.compare(name, 6, "endraw") != 0) continue;
            const auto close = source_.find("%}", name);
            if (close == std::string::npos) break;
            auto bytes = source_.substr(at_, tag - at_);
            if (sign == '-')
                while (!bytes.empty() && is_space(bytes.back())) bytes.pop_back();
            else if (sign != '+')
                strip_indent(bytes);
            if (!bytes.empty()) add(type::text, bytes);
            const char close_sign = source_[close - 1];
            advance(close + 2 - at_);
            after_tag(close_sign, true);
            return {};
        }
        return fault(errc::format, "raw does not end");
    }

    /// Tokens up to the end of the tag; the end counts only outside brackets.
    status read_code(char shape) {
        std::string open;
        for (;;) {
            skip_space();
            if (at_ >= source_.size()) return fault(errc::format, "a tag does not end");
            const char c = source_[at_];
            if (open.empty()) {
                const bool signed_end = (c == '-' || (c == '+' && shape == '%')) &&
                                        at_ + 2 < source_.size() && source_[at_ + 1] == shape &&
                                        source_[at_ + 2] == '}';
                if (signed_end || (c == shape && at_ + 1 < source_.size() && source_[at_ + 1] == '}')) {
                    add(shape == '}' ? type::close_output : type::close_block, "");
                    advance(signed_end ? 3 : 2);
                    after_tag(signed_end ? c : ' ', shape == '%');
                    return {};
                }
            }
            QSLIP_CHECK(read_token(open));
        }
    }

    status read_token(std::string& open) {
        const char c = source_[at_];
        if (is_name_start(c)) return read_name();
        if (is_digit(c)) return read_number();
        if (c == '"' || c == '\'') return read_string();
        static constexpr std::array<std::string_view, 27> ops = {
            "==", "!=", "<=", ">=", "//", "**", "+", "-", "*", "/", "%", "~", "<", ">",
            "=",  ".",  ",",  ":",  "|",  "(",  ")", "[", "]", "{", "}", ";", "!"};
        for (const auto op : ops) {
            if (!has(op)) continue;
            if (op == "(" || op == "[" || op == "{") open += op == "(" ? ')' : op == "[" ? ']' : '}';
            if (op == ")" || op == "]" || op == "}") {
                if (open.empty() || open.back() != op[0])
                    return fault(errc::format, "unexpected " + qslip::quoted(op));
                open.pop_back();
            }
            add(type::op, std::string(op));
            advance(op.size());
            return {};
        }
        return fault(errc::format, "unexpected character " + qslip::quoted({&source_[at_], 1}));
    }
    status read_name() {
        auto end = at_;
        while (end < source_.size() && (is_name_start(source_[end]) || is_digit(source_[end]))) ++end;
        if (end - at_ > max_name_bytes)
            return fault(errc::limit, "a name of " + std::to_string(end - at_) + " bytes");
        add(type::name, source_.substr(at_, end - at_));
        advance(end - at_);
        return {};
    }
    /// Digits, a fraction, an exponent.
    status read_number() {
        auto end = at_;
        const auto digits = [&] {
            while (end < source_.size() && is_digit(source_[end])) ++end;
        };
        digits();
        if (end + 1 < source_.size() && source_[end] == '.' && is_digit(source_[end + 1])) {
            ++end;
            digits();
        }
        if (end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
            auto after = end + 1;
            if (after < source_.size() && (source_[after] == '+' || source_[after] == '-')) ++after;
            if (after < source_.size() && is_digit(source_[after])) {
                end = after;
                digits();
            }
        }
        if (end < source_.size() && (is_name_start(source_[end])))
            return fault(errc::unsupported,
                         "the number " + qslip::quoted(source_.substr(at_, end + 1 - at_)));
        add(type::number, source_.substr(at_, end - at_));
        advance(end - at_);
        return {};
    }
    status read_string() {
        const char mark = source_[at_];
        std::string bytes;
        auto at = at_ + 1;
        for (; at < source_.size() && source_[at] != mark; ++at) {
            if (source_[at] != '\\') {
                bytes += source_[at];
                continue;
            }
            if (++at == source_.size()) break;
            QSLIP_CHECK(read_escape(at, bytes));
        }
        if (at >= source_.size()) return fault(errc::format, "a string does not end");
        add(type::string, std::move(bytes));
        advance(at + 1 - at_);
        return {};
    }
    /// As in Python; an unknown escape stands for itself.
    status read_escape(std::size_t& at, std::string& bytes) const {
        static constexpr std::string_view letters = "ntr\\'\"bfav0", meaning("\n\t\r\\'\"\b\f\a\v\0", 11);
        const char c = source_[at];
        const auto width = c == 'x' ? 2u : c == 'u' ? 4u : c == 'U' ? 8u : 0u;
        if (width == 0) {
            const auto known = letters.find(c);
            if (is_digit(c) && (c != '0' || (at + 1 < source_.size() && is_digit(source_[at + 1]))))
                return fault(errc::unsupported, "an octal escape in a string");
            if (c == '\n') return {};
            if (known == std::string_view::npos) bytes += '\\';
            bytes += known == std::string_view::npos ? c : meaning[known];
            return {};
        }
        std::uint32_t point = 0;
        for (unsigned i = 0; i < width; ++i) {
            const char h = at + 1 < source_.size() ? source_[++at] : ' ';
            const auto lower = static_cast<char>(h | 0x20);
            if (!is_digit(h) && !(lower >= 'a' && lower <= 'f'))
                return fault(errc::format, "a cut escape in a string");
            point = point * 16 + static_cast<std::uint32_t>(is_digit(h) ? h - '0' : lower - 'a' + 10);
        }
        if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
            return fault(errc::format, "an escape that is no character");
        bytes += utf8_char(point).view();
        return {};
    }

    std::string source_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    bool line_starts_ = true;
    std::vector<token> tokens_;
};

}  // namespace

result<std::vector<token>> split_template(std::string_view source) { return lexer(source).run(); }

}  // namespace qslip::chat
