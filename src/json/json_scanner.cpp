#include "json/json_scanner.hpp"

namespace qslip {

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<json_token> json_scanner::next() {
    if (fault_) return std::nullopt;
    skip_space();
    switch (due_) {
        case due::value: return value();
        case due::item_or_end: return peek() == ']' ? close() : value();
        case due::key_or_end: return peek() == '}' ? close() : key();
        case due::colon: return after_key();
        case due::comma_or_end: return after_value();
        case due::nothing: break;
    }
    return at_end() ? std::nullopt : stops("more text after the value");
}

void json_scanner::skip_space() {
    while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
}

bool json_scanner::broken(std::size_t byte, const char* what) {
    fault_ = {byte, what};
    return false;
}

std::nullopt_t json_scanner::stops(const char* what) {
    broken(at_, what);
    return std::nullopt;
}

std::optional<json_token> json_scanner::value() {
    const char c = peek();
    if (c == '{' || c == '[') return open();
    if (std::string_view("\"-0123456789tfn").find(c) != std::string_view::npos)
        return scalar(after_this_value());
    return stops(at_end() ? "ends where a value is due" : "a value is due here");
}

std::optional<json_token> json_scanner::key() {
    if (peek() != '"') return stops("a key in double quotes is due here");
    return scalar(due::colon);
}

std::optional<json_token> json_scanner::after_key() {
    if (peek() != ':') return stops("':' is due here");
    ++at_;
    skip_space();
    return value();
}

std::optional<json_token> json_scanner::after_value() {
    const bool in_object = open_.back() == '{';
    if (peek() == ',') {
        ++at_;
        skip_space();
        return in_object ? key() : value();
    }
    if (peek() == (in_object ? '}' : ']')) return close();
    if (at_end()) return stops(in_object ? "ends inside an object" : "ends inside an array");
    return stops(in_object ? "',' or '}' is due here" : "',' or ']' is due here");
}

json_token json_scanner::open() {
    open_ += peek();
    due_ = peek() == '{' ? due::key_or_end : due::item_or_end;
    ++at_;
    return {json_token::part::open, at_ - 1, at_, true};
}

json_token json_scanner::close() {
    open_.pop_back();
    due_ = after_this_value();
    ++at_;
    return {json_token::part::close, at_ - 1, at_, true};
}

json_token json_scanner::scalar(due after) {
    const auto begin = at_;
    const char first = peek();
    const bool closed = first == '"' ? string() : first == '-' || is_digit(first) ? number() : literal();
    due_ = after;
    return {json_token::part::scalar, begin, at_, closed};
}

bool json_scanner::string() {
    const auto begin = at_++;
    while (!at_end() && peek() != '"') {
        const auto character = read_json_character(text_.substr(at_), strings_);
        at_ += character.size_bytes;
        if (character.fault) return broken(at_, character.fault);
    }
    if (at_end()) return broken(begin, "a string without its closing quote");
    ++at_;
    return true;
}

bool json_scanner::literal() {
    const auto begin = at_;
    for (const char letter : std::string_view(peek() == 't' ? "true" : peek() == 'f' ? "false" : "null")) {
        if (peek() != letter) return broken(begin, "a value is due here");
        ++at_;
    }
    return true;
}

bool json_scanner::digits() {
    if (!is_digit(peek())) return broken(at_, "a digit is due here");
    while (is_digit(peek())) ++at_;
    return true;
}

/// At the end of the text more digits may follow.
bool json_scanner::number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
        ++at_;
        if (is_digit(peek())) return broken(at_ - 1, "a number with a leading zero");
    } else if (!digits()) {
        return false;
    }
    if (peek() == '.') {
        ++at_;
        if (!digits()) return false;
    }
    return exponent() && !at_end();
}

bool json_scanner::exponent() {
    if (peek() != 'e' && peek() != 'E') return true;
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    return digits();
}

}  // namespace qslip
