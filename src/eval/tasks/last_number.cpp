// Numbers as people and models write them: 1,234.5  1 234,5  -12 %  3.2e-4  1_000.
#include "eval/tasks/last_number.hpp"

#include <charconv>
#include <cmath>
#include <string>

namespace qslip {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads one number forward from a digit or a leading decimal mark.
class number_scan {
public:
    number_scan(std::string_view text, std::size_t at, char decimal)
        : text_(text), at_(at), decimal_(decimal) {}

    /// Past the number; its plain form ("1234.5e6") is in `plain`.
    std::size_t run(std::string& plain) {
        digits_with_groups(plain);
        if (peek(0) == decimal_ && is_digit(peek(1))) {
            plain += '.';
            ++at_;
            digits(plain);
        }
        exponent(plain);
        return at_;
    }

private:
    char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    void digits(std::string& plain) {
        while (is_digit(peek(0))) plain += text_[at_++];
    }

    /// Bytes of a thousands separator at the cursor; 0 when there is none.
    std::size_t separator_bytes() const {
        const auto rest = text_.substr(at_);
        for (const std::string_view mark : {"_", "'", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"})
            if (rest.starts_with(mark)) return mark.size();
        return rest.starts_with(decimal_ == ',' ? "." : ",") ? 1 : 0;
    }
    bool group_follows(std::size_t skip) const {
        return is_digit(peek(skip)) && is_digit(peek(skip + 1)) && is_digit(peek(skip + 2)) &&
               !is_digit(peek(skip + 3));
    }
    void digits_with_groups(std::string& plain) {
        const std::size_t before = plain.size();
        digits(plain);
        if (plain.size() == before || plain.size() - before > 3) return;
        for (std::size_t skip = separator_bytes(); skip != 0 && group_follows(skip);
             skip = separator_bytes()) {
            at_ += skip;
            digits(plain);
        }
    }
    void exponent(std::string& plain) {
        if (peek(0) != 'e' && peek(0) != 'E') return;
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (!is_digit(peek(1 + sign))) return;
        plain += 'e';
        if (peek(1) == '-') plain += '-';
        at_ += 1 + sign;
        digits(plain);
    }

    std::string_view text_;
    std::size_t at_;
    char decimal_;
};

/// Bytes of a minus sign that ends right before `at`: "-" or U+2212. A hyphen that joins words or numbers
/// ("7-2", "x-1") is no sign.
bool minus_before(std::string_view text, std::size_t at) {
    std::size_t mark = 0;
    if (at >= 1 && text[at - 1] == '-') mark = 1;
    if (at >= 3 && text.substr(at - 3, 3) == "\xE2\x88\x92") mark = 3;
    if (mark == 0) return false;
    if (at == mark) return true;
    const char before = text[at - mark - 1];
    return !(is_digit(before) || (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z'));
}

}  // namespace

std::optional<double> last_number(std::string_view text, char decimal) {
    std::optional<double> last;
    for (std::size_t at = 0; at < text.size();) {
        const bool starts =
            is_digit(text[at]) || (text[at] == decimal && at + 1 < text.size() && is_digit(text[at + 1]));
        if (!starts) {
            ++at;
            continue;
        }
        std::string plain = minus_before(text, at) ? "-" : "";
        at = number_scan(text, at, decimal).run(plain);
        double x = 0;
        const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), x);
        last = error == std::errc{} && std::isfinite(x) ? std::optional(x) : std::nullopt;
    }
    return last;
}

}  // namespace qslip
