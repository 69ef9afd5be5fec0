#include "json/json_syntax.hpp"

#include <string>

namespace qslip {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class json_scanner {
public:
    explicit json_scanner(std::string_view text) : text_(text) {}

    std::optional<json_fault> run() {
        bool value_done = false;
        for (;;) {
            skip_space();
            if (value_done && open_.empty())
                return at_end() ? std::nullopt : fault("more text after the value");
            if (const auto bad = value_done ? after_value(value_done) : before_value(value_done)) return bad;
        }
    }

private:
    using maybe = std::optional<json_fault>;
    maybe fault(const char* what) const { return json_fault{at_, what}; }
    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    void skip_space() {
        while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    }

    maybe before_value(bool& done) {
        const char c = peek();
        if (c == '{' || c == '[') {
            ++at_;
            open_ += c;
            skip_space();
            if (peek() == (c == '{' ? '}' : ']')) {
                ++at_;
                open_.pop_back();
                done = true;
                return {};
            }
            return c == '{' ? key() : maybe{};
        }
        done = true;
        if (c == '"') return string();
        if (c == '-' || is_digit(c)) return number();
        for (const std::string_view word : {"true", "false", "null"})
            if (text_.substr(at_).starts_with(word)) {
                at_ += word.size();
                return {};
            }
        return fault(at_end() ? "ends where a value is due" : "a value is due here");
    }

    maybe after_value(bool& done) {
        const bool object = open_.back() == '{';
        if (peek() == ',') {
            ++at_;
            done = false;
            skip_space();
            return object ? key() : maybe{};
        }
        if (peek() != (object ? '}' : ']')) {
            if (at_end()) return fault(object ? "ends inside an object" : "ends inside an array");
            return fault(object ? "',' or '}' is due here" : "',' or ']' is due here");
        }
        ++at_;
        open_.pop_back();
        return {};
    }

    maybe key() {
        if (peek() != '"') return fault("a key in double quotes is due here");
        if (const auto bad = string()) return bad;
        skip_space();
        if (peek() != ':') return fault("':' is due here");
        ++at_;
        return {};
    }

    maybe string() {
        const auto start = at_++;
        for (; !at_end() && text_[at_] != '"'; ++at_) {
            if (static_cast<unsigned char>(text_[at_]) < 0x20)
                return fault("a control character inside a string");
            if (text_[at_] == '\\')
                if (const auto bad = escape()) return bad;
        }
        if (at_end()) return json_fault{start, "a string without its closing quote"};
        ++at_;
        return {};
    }

    /// Stops on the last character of the escape.
    maybe escape() {
        ++at_;
        if (at_end()) return fault("a string without its closing quote");
        if (text_[at_] != 'u')
            return std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos
                       ? fault("an unknown escape")
                       : maybe{};
        for (int i = 0; i < 4; ++i) {
            ++at_;
            if (!is_hex(peek())) return fault("four hex digits are due after \\u");
        }
        return {};
    }

    bool digits() {
        const auto start = at_;
        while (is_digit(peek())) ++at_;
        return at_ > start;
    }

    maybe number() {
        if (peek() == '-') ++at_;
        const auto first = at_;
        if (!digits()) return fault("a digit is due here");
        if (text_[first] == '0' && at_ > first + 1) return json_fault{first, "a number with a leading zero"};
        if (peek() == '.' && (++at_, !digits())) return fault("a digit is due here");
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (!digits()) return fault("a digit is due here");
        }
        return {};
    }

    std::string_view text_;
    std::string open_;  // the brackets we are in
    std::size_t at_ = 0;
};

}  // namespace

std::optional<json_fault> find_json_fault(std::string_view text) { return json_scanner(text).run(); }

}  // namespace qslip
