#include "schema/text_mismatch.hpp"

#include <qslip/detail/core/utf8.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "schema/decimal.hpp"

namespace qslip::schema {
namespace {

using maybe_byte = std::optional<std::uint32_t>;

char lower_hex(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 32) : c; }

/// The ways JSON may write one character: itself, a short escape, \u.
std::vector<std::string> spellings(std::string_view character) {
    std::vector<std::string> out;
    const char first = character[0];
    constexpr std::string_view plain = "\"\\/\b\f\n\r\t", letter = "\"\\/bfnrt";
    if (static_cast<unsigned char>(first) >= 0x20 && first != '"' && first != '\\')
        out.emplace_back(character);
    if (const auto i = plain.find(first); i != plain.npos) out.push_back({'\\', letter[i]});
    std::uint32_t c = static_cast<unsigned char>(first);
    if (character.size() > 1) c &= 0x3Fu >> (character.size() - 1);
    for (const char next : character.substr(1)) c = c << 6 | (static_cast<unsigned char>(next) & 0x3F);
    const auto unit = [](std::uint32_t u) {
        std::string text = "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) text += "0123456789abcdef"[u >> shift & 15];
        return text;
    };
    out.push_back(c < 0x10000
                      ? unit(c)
                      : unit(0xD800 + ((c - 0x10000) >> 10)) + unit(0xDC00 + ((c - 0x10000) & 0x3FF)));
    return out;
}

struct step {
    enum { matched, parted, ran_out } how;
    std::uint32_t byte;  ///< behind the character, or where it parts
};

step match_character(std::string_view text, std::uint32_t from, std::string_view character) {
    step best{step::parted, from};
    for (const auto& way : spellings(character)) {
        std::uint32_t i = 0;
        while (i < way.size() && from + i < text.size() &&
               (text[from + i] == way[i] || (i > 1 && way[0] == '\\' && lower_hex(text[from + i]) == way[i])))
            ++i;
        if (i == way.size()) return {step::matched, from + i};
        if (from + i == text.size()) return {step::ran_out, from + i};
        best.byte = std::max(best.byte, from + i);
    }
    return best;
}

/// A number being read, against the digits and the power of ten it is to have.
class number_match {
public:
    number_match(std::string_view text, const text_span& span, const decimal& target)
        : text_(text.substr(0, span.end)), span_(span), target_(target), at_(span.begin) {}

    maybe_byte run() {
        const bool minus = text_[at_] == '-';
        if (minus && !target_.negative && !target_.digits.empty()) return at_;
        if (!minus && target_.negative) return at_;
        at_ += minus;
        if (const auto bad = significand()) return bad;
        if (at_ == text_.size()) return ended(power() == 0 && n_read_ >= target_.digits.size());
        // The exponent: all digits must have come.
        if (n_read_ < target_.digits.size()) return at_;
        ++at_;
        return exponent();
    }

private:
    maybe_byte ended(bool same) const {
        return !span_.closed || same ? maybe_byte{} : maybe_byte{static_cast<std::uint32_t>(text_.size())};
    }
    maybe_byte significand() {
        bool point = false;
        for (; at_ < text_.size() && (text_[at_] | 32) != 'e'; ++at_) {
            if (text_[at_] == '.') {
                point = true;
                continue;
            }
            n_fraction_ += point;
            if (n_read_ == 0 && text_[at_] == '0') continue;
            if (text_[at_] != (n_read_ < target_.digits.size() ? target_.digits[n_read_] : '0')) return at_;
            ++n_read_;
        }
        return {};
    }
    /// The exponent this significand needs.
    std::int64_t power() const {
        if (target_.digits.empty()) return 0;
        return target_.exponent - static_cast<std::int64_t>(n_read_ - target_.digits.size()) + n_fraction_;
    }
    maybe_byte exponent() {
        if (target_.digits.empty()) return {};
        const auto need = power();
        if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) {
            if (text_[at_] == '-' ? need > 0 : need < 0) return at_;
            ++at_;
        } else if (need < 0 && at_ < text_.size()) {
            return at_;
        }
        const auto digits = need == 0 ? std::string() : std::to_string(need < 0 ? -need : need);
        std::size_t n = 0;
        for (; at_ < text_.size(); ++at_) {
            if (n == 0 && text_[at_] == '0') continue;
            if (n == digits.size() || text_[at_] != digits[n]) return at_;
            ++n;
        }
        return ended(n == digits.size());
    }

    std::string_view text_;
    const text_span& span_;
    const decimal& target_;
    std::uint32_t at_;
    std::size_t n_read_ = 0;
    std::int64_t n_fraction_ = 0;
};

void keep_first(maybe_byte& first, std::uint32_t byte) {
    if (!first || byte < *first) first = byte;
}

/// One value against one target; containers push their children.
class value_match {
public:
    value_match(text_reader& reader, const json_tree& tree) : r_(reader), tree_(tree) {}

    maybe_byte run(std::uint32_t at, std::uint32_t target) {
        todo_.push_back({at, target});
        while (!todo_.empty()) {
            const auto [span, node] = todo_.back();
            todo_.pop_back();
            ++r_.steps;
            one(span, node);
        }
        return first_;
    }

private:
    void one(std::uint32_t at, std::uint32_t node) {
        const auto& s = r_.spans.nodes[at];
        const auto& t = tree_[node];
        if (t.is_number() ? s.kind != kind::decimal : s.kind != t.kind) return keep_first(first_, s.begin);
        maybe_byte bad;
        if (s.kind == kind::array) return array(at, node);
        if (s.kind == kind::object) return object(at, node);
        if (s.kind == kind::string) bad = r_.string_mismatch(at, t.view());
        if (s.kind == kind::decimal) bad = number_match(r_.text, s, decimal::of(t)).run();
        if (bad) keep_first(first_, *bad);
    }
    /// Where a child too many announces itself: at the comma before it, or at its own first byte.
    std::uint32_t announced(std::uint32_t before, std::uint32_t child) const {
        return before == none ? r_.spans.nodes[child].begin : r_.comma_after(before);
    }
    void array(std::uint32_t at, std::uint32_t node) {
        const auto& nodes = r_.spans.nodes;
        auto target = node + 1;
        std::uint32_t before = none, n = 0;
        for (auto child = at + 1; child < nodes[at].next; before = child, child = nodes[child].next, ++n) {
            if (n == tree_[node].size) return keep_first(first_, announced(before, child));
            todo_.push_back({child, target});
            target = tree_[target].next;
        }
        end(at, before, n, tree_[node].size);
    }
    /// `n` of `size` children have come, and no wrong one.
    void end(std::uint32_t at, std::uint32_t last, std::uint32_t n, std::uint32_t size) {
        if (r_.spans.nodes[at].closed) {
            if (n < size) keep_first(first_, r_.spans.nodes[at].end - 1);
        } else if (last != none && n == size) {
            if (const auto comma = r_.comma_after(last); comma != none) keep_first(first_, comma);
        }
    }
    void object(std::uint32_t at, std::uint32_t node) {
        const auto& nodes = r_.spans.nodes;
        std::vector<std::uint32_t> unused;
        for (auto k = node + 1; k < tree_[node].next; k = tree_[k + 1].next) unused.push_back(k);
        std::uint32_t before = none, n = 0;
        for (auto key = at + 1; key < nodes[at].next; ++n) {
            if (unused.empty()) return keep_first(first_, announced(before, key));
            std::uint32_t furthest = nodes[key].begin;
            bool possible = false;
            for (auto& k : unused) {
                const auto bad = r_.string_mismatch(key, tree_[k].view());
                if (bad) {
                    furthest = std::max(furthest, *bad);
                    continue;
                }
                possible = true;
                if (!nodes[key].closed) break;
                if (key + 1 < nodes[at].next) todo_.push_back({key + 1, k + 1});
                std::swap(k, unused.back());
                unused.pop_back();
                break;
            }
            if (!possible) return keep_first(first_, furthest);
            if (key + 1 >= nodes[at].next) return;
            before = key + 1;
            key = nodes[key + 1].next;
        }
        end(at, before, n, tree_[node].size);
    }

    text_reader& r_;
    const json_tree& tree_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> todo_;
    maybe_byte first_;
};

}  // namespace

std::uint32_t text_reader::comma_after(std::uint32_t at) const {
    const auto comma = text.find_first_not_of(" \t\r\n", spans.nodes[at].end);
    return spans.nodes[at].closed && comma != text.npos && text[comma] == ','
               ? static_cast<std::uint32_t>(comma)
               : none;
}

maybe_byte text_reader::string_mismatch(std::uint32_t at, std::string_view target) {
    const auto& s = spans.nodes[at];
    auto byte = s.begin + 1;
    for (std::size_t i = 0; i < target.size();) {
        const auto size = std::max<std::size_t>(1, utf8_char_bytes(target.substr(i)));
        const auto got = match_character(text.substr(0, s.end), byte, target.substr(i, size));
        ++steps;
        if (got.how == step::ran_out) return {};
        byte = got.byte;
        if (got.how == step::parted) return byte;
        i += size;
    }
    const bool ends_here = byte == s.end || (s.closed && byte + 1 == s.end);
    return ends_here ? maybe_byte{} : maybe_byte{byte};
}

maybe_byte text_reader::value_mismatch(std::uint32_t at, const json_tree& tree, std::uint32_t target) {
    return value_match(*this, tree).run(at, target);
}

}  // namespace qslip::schema
