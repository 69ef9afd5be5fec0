#include "schema/text_spans.hpp"

#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/utf8.hpp>

namespace qslip::schema {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

/// Well-formed bytes of the broken character at the front: the byte after them is the first wrong one.
std::size_t utf8_good_part(std::string_view text) {
    constexpr std::string_view tails[] = {"\x80", "\x80\x80", "\x80\x80\x80", "\x90\x80\x80", "\xA0\x80"};
    std::size_t good = 0;
    for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size)
        for (const auto tail : tails)
            if (utf8_char_bytes(std::string(text.substr(0, size)) + std::string(tail)) > size) good = size;
    return good;
}

class span_reader {
public:
    span_reader(std::string_view text, const limits& limits, text_spans& out)
        : text_(text), limits_(limits), out_(out) {}

    status run() {
        bool value_done = false, ok = true;
        while (ok) {
            skip_space();
            if (value_done && open_.empty()) {
                out_.complete = at_ == text_.size();
                break;
            }
            ok = value_done ? after_value(value_done) : value(value_done);
        }
        out_.stop = at_;
        for (auto& node : out_.nodes)
            if (node.next == 0) node.next = static_cast<std::uint32_t>(out_.nodes.size()), node.end = here();
        // A number at the very end of a whole text ends there.
        if (out_.complete) out_.nodes[0].closed = true;
        return too_deep_ ? status(errc::limit, "nested deeper than " + std::to_string(limits_.json_depth) +
                                                   " levels (limit json_depth)")
                         : status{};
    }

private:
    std::uint32_t here() const { return static_cast<std::uint32_t>(at_); }
    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    bool take(char c) { return peek() == c && !at_end() && (++at_, true); }
    void skip_space() {
        while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    }
    std::uint32_t add(kind k) {
        text_span made;
        made.begin = here();
        made.parent = open_.empty() ? none : open_.back();
        made.kind = k;
        out_.nodes.push_back(made);
        return static_cast<std::uint32_t>(out_.nodes.size() - 1);
    }
    bool close(std::uint32_t node) {
        out_.nodes[node].closed = true;
        out_.nodes[node].end = here();
        out_.nodes[node].next = static_cast<std::uint32_t>(out_.nodes.size());
        return true;
    }

    bool value(bool& done) {
        done = true;
        switch (peek()) {
            case '{':
            case '[': return open(done);
            case '"': return string();
            case 't': return word("true", kind::true_);
            case 'f': return word("false", kind::false_);
            case 'n': return word("null", kind::null);
            default: return number();
        }
    }
    bool word(std::string_view letters, kind k) {
        const auto node = add(k);
        for (const char c : letters)
            if (!take(c)) return false;
        return close(node);
    }
    bool open(bool& done) {
        if (open_.size() >= limits_.json_depth) {
            too_deep_ = true;
            return false;
        }
        const bool object = peek() == '{';
        const auto node = add(object ? kind::object : kind::array);
        ++at_;
        open_.push_back(node);
        skip_space();
        if (take(object ? '}' : ']')) {
            open_.pop_back();
            return close(node);
        }
        done = false;
        return !object || key();
    }
    bool key() {
        if (peek() != '"' || !string()) return false;
        skip_space();
        return take(':');
    }
    bool after_value(bool& done) {
        const auto node = open_.back();
        const bool object = out_.nodes[node].kind == kind::object;
        if (take(',')) {
            done = false;
            skip_space();
            return !object || key();
        }
        if (!take(object ? '}' : ']')) return false;
        open_.pop_back();
        return close(node);
    }

    bool string() {
        const auto node = add(kind::string);
        ++at_;
        while (!at_end() && peek() != '"')
            if (!character()) return false;
        return take('"') && close(node);
    }
    bool character() {
        if (static_cast<unsigned char>(peek()) < 0x20) return false;
        if (peek() == '\\') return escape();
        const auto size = utf8_char_bytes(text_.substr(at_));
        at_ += size != 0 ? size : utf8_good_part(text_.substr(at_));
        return size != 0;
    }
    bool escape() {
        ++at_;
        if (at_end() || std::string_view("\"\\/bfnrtu").find(peek()) == std::string_view::npos) return false;
        if (text_[at_++] != 'u') return true;
        const bool d = (peek() | 32) == 'd' && !at_end();
        if (!hex()) return false;
        const char second = static_cast<char>(peek() | 32);
        if (d && second >= 'c' && second <= 'f') return false;  // a low surrogate comes second only
        if (!hex() || !hex() || !hex()) return false;
        if (!d || second < '8') return true;
        return take('\\') && take('u') && (peek() | 32) == 'd' && hex() && (peek() | 32) >= 'c' && hex() &&
               hex() && hex();
    }
    bool hex() { return !at_end() && is_hex(peek()) && (++at_, true); }

    bool is_digit() const { return peek() >= '0' && peek() <= '9'; }
    bool digits() {
        if (!is_digit()) return false;
        while (is_digit()) ++at_;
        return true;
    }
    bool number() {
        if (peek() != '-' && !is_digit()) return false;
        const auto node = add(kind::decimal);
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (!take('+')) take('-');
            if (!digits()) return false;
        }
        if (at_end()) {
            // More digits may follow: open, though nothing is missing.
            out_.nodes[node].end = here();
            out_.nodes[node].next = node + 1;
            return true;
        }
        return close(node);
    }

    std::string_view text_;
    const limits& limits_;
    text_spans& out_;
    std::vector<std::uint32_t> open_;
    std::size_t at_ = 0;
    bool too_deep_ = false;
};

}  // namespace

result<text_spans> text_spans::read(std::string_view text, const limits& limits) {
    if (text.size() > limits.json_bytes || text.size() > 0xfffffff0u)
        return status(errc::limit, "JSON of " + grouped(text.size()) + " bytes; the limit json_bytes is " +
                                       grouped(limits.json_bytes));
    text_spans out;
    QSLIP_CHECK(span_reader(text, limits, out).run());
    return out;
}

}  // namespace qslip::schema
