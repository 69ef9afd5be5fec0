#pragma once
#include <qslip/detail/core/utf8.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// Writes JSON, in the order it is told, to the end of a string. Equal calls give equal bytes.
/// Doubles: the shortest text that reads back the same; NaN and infinities become null. Strings: control
/// characters, quotes and backslashes escaped, each byte that is not well-formed UTF-8 becomes U+FFFD.
/// The caller keeps the nesting right: a key before each value in an object, every begin ended.
class json_writer {
public:
    /// `out` is borrowed and appended to. indent 0: one line; else that many spaces a level.
    explicit json_writer(std::string& out, unsigned indent = 0) : out_(out), indent_(indent) {}

    json_writer& begin_object() { return begin('{'); }
    json_writer& end_object() { return end('}'); }
    json_writer& begin_array() { return begin('['); }
    json_writer& end_array() { return end(']'); }

    json_writer& key(std::string_view name) {
        separate();
        quote(name);
        out_ += indent_ ? ": " : ":";
        after_key_ = true;
        return *this;
    }

    json_writer& value(std::string_view text) {
        separate();
        quote(text);
        return *this;
    }
    json_writer& value(const char* text) { return value(std::string_view(text)); }
    json_writer& value(const std::string& text) { return value(std::string_view(text)); }
    json_writer& value(double number) { return std::isfinite(number) ? digits(number) : null(); }
    template <std::integral Integer>
    json_writer& value(Integer number) {
        if constexpr (std::same_as<Integer, bool>)
            return raw(number ? "true" : "false");
        else
            return digits(number);
    }
    json_writer& null() { return raw("null"); }
    /// One finished JSON value, as it is.
    json_writer& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }
    /// key() and value().
    template <class Value>
    json_writer& member(std::string_view name, const Value& v) {
        return key(name).value(v);
    }

private:
    json_writer& begin(char bracket) {
        separate();
        out_ += bracket;
        empty_.push_back(true);
        return *this;
    }
    json_writer& end(char bracket) {
        const bool was_empty = empty_.back();
        empty_.pop_back();
        if (!was_empty) new_line();
        out_ += bracket;
        return *this;
    }
    void separate() {
        if (after_key_) {
            after_key_ = false;
        } else if (!empty_.empty()) {
            if (!empty_.back()) out_ += ',';
            empty_.back() = false;
            new_line();
        }
    }
    void new_line() {
        if (indent_) (out_ += '\n').append(indent_ * empty_.size(), ' ');
    }
    template <class Number>
    json_writer& digits(Number number) {
        char text[32];  // the longest is a double: 24 characters
        return raw({text, std::to_chars(text, text + sizeof text, number).ptr});
    }
    void quote(std::string_view text) {
        out_ += '"';
        while (!text.empty()) {
            const auto bytes = utf8_char_bytes(text);
            if (bytes == 0)
                out_ += "\\ufffd";
            else if (bytes == 1)
                escape(text.front());
            else
                out_ += text.substr(0, bytes);
            text.remove_prefix(bytes ? bytes : 1);
        }
        out_ += '"';
    }
    void escape(char c) {
        static constexpr std::string_view plain = "\"\\\b\f\n\r\t", letter = "\"\\bfnrt",
                                          hex = "0123456789abcdef";
        const auto byte = static_cast<std::uint8_t>(c);
        if (const auto at = plain.find(c); at != plain.npos)
            (out_ += '\\') += letter[at];
        else if (byte < 0x20)
            ((out_ += "\\u00") += hex[byte >> 4]) += hex[byte & 15];
        else
            out_ += c;
    }

    std::string& out_;
    std::vector<bool> empty_;  // per open bracket: nothing in it yet
    unsigned indent_;
    bool after_key_ = false;
};

}  // namespace qslip
