#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <qslip/core/quote.hpp>
#include <qslip/core/text.hpp>
#include <qslip/core/utf8.hpp>

#include "io/json_syntax.hpp"
#include "schema/value.hpp"

namespace qslip::schema {

// simdjson picks its kernels at the first use, in a noexcept function that allocates: done while the library
// loads, so that no call can die of it.
[[maybe_unused]] static const auto kernels_picked = simdjson::get_active_implementation()->name();

class tree_parser {
public:
    tree_parser(std::string_view text, const limits& lim, json_tree& out)
        : at_(text.data()), end_(text.data() + text.size()), begin_(text.data()), lim_(lim), out_(out) {}

    status run() {
        for (bool value_done = false;;) {
            skip_space();
            if (value_done && open_.empty()) return at_ == end_ ? status{} : broken();
            bool ok = value_done ? close_or_comma(value_done) : value(value_done);
            if (!ok) return failure_.ok() ? broken() : failure_;
        }
    }

private:
    /// The slow scanner names the fault; ours only saw that there is one.
    status broken() const {
        const auto fault = find_json_fault({begin_, static_cast<std::size_t>(end_ - begin_)});
        if (!fault) return {errc::format, "not JSON"};
        return {errc::format, "byte " + std::to_string(fault->byte) + ": " + fault->what};
    }
    bool fail(errc code, std::string text) {
        failure_ = {code, std::move(text)};
        return false;
    }
    void skip_space() {
        while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }
    value_node& add(kind k) {
        auto& node = out_.nodes_.emplace_back();
        node.kind = k;
        node.text = nullptr;
        node.size = node.hash = 0;
        node.next = static_cast<std::uint32_t>(out_.nodes_.size());
        return node;
    }

    bool value(bool& done) {
        if (at_ == end_) return false;
        done = true;
        switch (*at_) {
            case '{':
            case '[': return open(done);
            case '"': return string();
            case 't': return word("true", kind::true_);
            case 'f': return word("false", kind::false_);
            case 'n': return word("null", kind::null);
            default: return number();
        }
    }

    bool word(std::string_view text, kind k) {
        if (static_cast<std::size_t>(end_ - at_) < text.size() ||
            std::memcmp(at_, text.data(), text.size()) != 0)
            return false;
        at_ += text.size();
        add(k);
        return true;
    }

    bool open(bool& done) {
        const bool object = *at_++ == '{';
        if (open_.size() >= lim_.json_depth)
            return fail(errc::limit, "nested deeper than " + std::to_string(lim_.json_depth) +
                                         " levels (limit json_depth)");
        open_.push_back(static_cast<std::uint32_t>(out_.nodes_.size()));
        add(object ? kind::object : kind::array);
        skip_space();
        if (at_ < end_ && *at_ == (object ? '}' : ']')) {
            ++at_;
            open_.pop_back();
            return true;
        }
        done = false;
        return !object || key();
    }

    bool key() {
        if (at_ == end_ || *at_ != '"' || !string()) return false;
        skip_space();
        if (at_ == end_ || *at_ != ':') return false;
        ++at_;
        return true;
    }

    bool close_or_comma(bool& done) {
        if (at_ == end_) return false;
        const auto container = open_.back();
        const bool object = out_.nodes_[container].kind == kind::object;
        ++out_.nodes_[container].size;
        if (*at_ == ',') {
            ++at_;
            done = false;
            skip_space();
            return !object || key();
        }
        if (*at_ != (object ? '}' : ']')) return false;
        ++at_;
        open_.pop_back();
        out_.nodes_[container].next = out_.size();
        return !object || no_key_twice(container);
    }

    bool no_key_twice(std::uint32_t object) {
        const auto& nodes = out_.nodes_;
        keys_.clear();
        for (auto k = object + 1; k < nodes[object].next; k = nodes[k + 1].next) keys_.push_back(k);
        if (keys_.size() <= 12) {
            for (std::size_t i = 1; i < keys_.size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if (nodes[keys_[i]].hash == nodes[keys_[j]].hash &&
                        nodes[keys_[i]].view() == nodes[keys_[j]].view())
                        return twice(keys_[i]);
            return true;
        }
        std::sort(keys_.begin(), keys_.end(), [&](auto a, auto b) {
            return nodes[a].hash != nodes[b].hash ? nodes[a].hash < nodes[b].hash
                                                  : nodes[a].view() < nodes[b].view();
        });
        for (std::size_t i = 1; i < keys_.size(); ++i)
            if (nodes[keys_[i]].hash == nodes[keys_[i - 1]].hash &&
                nodes[keys_[i]].view() == nodes[keys_[i - 1]].view())
                return twice(keys_[i]);
        return true;
    }
    bool twice(std::uint32_t key) {
        return fail(errc::schema, "key " + quoted(out_.nodes_[key].view()) + " stands twice in one object");
    }

    /// The first quote, backslash or control character at or after `p`.
    const char* plain_until(const char* p) const {
        constexpr std::uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
        for (; end_ - p >= 8; p += 8) {
            std::uint64_t w;
            std::memcpy(&w, p, 8);
            const auto zero_in = [](std::uint64_t x) { return (x - ones) & ~x & high; };
            if ((zero_in(w ^ (ones * '"')) | zero_in(w ^ (ones * '\\')) | ((w - ones * 0x20) & ~w & high)) !=
                0)
                break;
        }
        while (p < end_ && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
        return p;
    }

    bool string() {
        const char* start = ++at_;
        at_ = plain_until(at_);
        if (at_ == end_) return false;
        std::string_view bytes(start, static_cast<std::size_t>(at_ - start));
        if (*at_ != '"' && !unescape(start, bytes)) return false;
        ++at_;
        auto& node = add(kind::string);
        node.text = bytes.data();
        node.size = static_cast<std::uint32_t>(bytes.size());
        node.hash = hash_text(bytes);
        return true;
    }

    bool unescape(const char* start, std::string_view& bytes) {
        buffer_.assign(start, at_);
        while (at_ < end_ && *at_ != '"') {
            if (*at_ != '\\' || !escape()) return false;
            const char* more = plain_until(at_);
            buffer_.append(at_, more);
            at_ = more;
        }
        if (at_ == end_) return false;
        auto kept = std::make_unique<char[]>(buffer_.size() + 1);
        std::memcpy(kept.get(), buffer_.data(), buffer_.size());
        bytes = {kept.get(), buffer_.size()};
        out_.unescaped_.push_back(std::move(kept));
        return true;
    }

    bool escape() {
        if (end_ - at_ < 2) return false;
        const char c = at_[1];
        at_ += 2;
        if (c == 'u') return unicode_escape();
        constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
        const auto which = from.find(c);
        if (which == from.npos) return false;
        buffer_ += to[which];
        return true;
    }

    bool hex4(std::uint32_t& unit) {
        if (end_ - at_ < 4) return false;
        unit = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char c = *at_;
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return false;
            unit = unit * 16 + static_cast<std::uint32_t>(digit);
        }
        return true;
    }

    bool unicode_escape() {
        std::uint32_t unit = 0, low = 0;
        if (!hex4(unit)) return false;
        if (unit >= 0xd800 && unit < 0xdc00) {
            if (end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u') return half();
            at_ += 2;
            if (!hex4(low)) return false;
            if (low < 0xdc00 || low >= 0xe000) return half();
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        } else if (unit >= 0xdc00 && unit < 0xe000) {
            return half();
        }
        put_utf8(unit);
        return true;
    }
    bool half() {
        return fail(errc::format,
                    "byte " + std::to_string(at_ - begin_) + ": half a surrogate pair in a \\u escape");
    }
    void put_utf8(std::uint32_t c) {
        const auto put = [&](std::uint32_t b) { buffer_ += static_cast<char>(b); };
        if (c < 0x80) return put(c);
        if (c < 0x800) return put(0xc0 | c >> 6), put(0x80 | (c & 63));
        if (c < 0x10000) return put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 63)), put(0x80 | (c & 63));
        put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 63)), put(0x80 | (c >> 6 & 63)), put(0x80 | (c & 63));
    }

    bool is_digit() const { return at_ < end_ && *at_ >= '0' && *at_ <= '9'; }
    bool digits() {
        if (!is_digit()) return false;
        while (is_digit()) ++at_;
        return true;
    }

    bool number() {
        const char* start = at_;
        const bool negative = *at_ == '-';
        if (negative) ++at_;
        const char* first = at_;
        std::int64_t whole = 0;
        for (; is_digit() && at_ - first < 18; ++at_) whole = whole * 10 + (*at_ - '0');
        if (at_ == first || (*first == '0' && at_ - first > 1)) return false;
        bool exact = !is_digit();
        if (*first == '0' && !exact) return false;
        while (is_digit()) ++at_;
        if (at_ < end_ && *at_ == '.') {
            exact = false;
            ++at_;
            if (!digits()) return false;
        }
        if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
            exact = false;
            ++at_;
            if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
            const char* power = at_;
            if (!digits()) return false;
            while (power + 1 < at_ && *power == '0') ++power;
            if (at_ - power > 9) return fail(errc::limit, "a number with an exponent beyond 999999999");
        }
        if (static_cast<std::uint64_t>(at_ - start) > lim_.json_digits)
            return fail(errc::limit, "a number of " + std::to_string(at_ - start) +
                                         " characters (limit json_digits " +
                                         std::to_string(lim_.json_digits) + ")");
        auto& node = add(exact ? kind::integer : kind::decimal);
        if (exact) {
            node.whole = negative ? -whole : whole;
        } else {
            node.text = start;
            node.size = static_cast<std::uint32_t>(at_ - start);
        }
        return true;
    }

    const char* at_;
    const char* end_;
    const char* begin_;
    const limits& lim_;
    json_tree& out_;
    std::vector<std::uint32_t> open_, keys_;
    std::string buffer_;
    status failure_;
};

status json_tree::parse(std::string_view text, const limits& lim) {
    nodes_.clear();
    unescaped_.clear();
    if (text.size() > lim.json_bytes || text.size() > 0xfffffff0u)
        return {errc::limit, "JSON of " + grouped(text.size()) + " bytes; the limit json_bytes is " +
                                 grouped(lim.json_bytes)};
    if (text.starts_with("\xef\xbb\xbf")) return {errc::format, "starts with a byte order mark"};
    if (!simdjson::validate_utf8(text.data(), text.size())) return {errc::format, "not UTF-8"};
    return tree_parser(text, lim, *this).run();
}

}  // namespace qslip::schema
