#include "schema/decimal.hpp"

#include <algorithm>
#include <vector>

namespace qslip::schema {

static void normalize(decimal& d) {
    const auto first = d.digits.find_first_not_of('0');
    if (first == std::string::npos) {
        d = {};
        return;
    }
    const auto last = d.digits.find_last_not_of('0');
    d.exponent += static_cast<std::int64_t>(d.digits.size() - 1 - last);
    d.digits = d.digits.substr(first, last - first + 1);
}

static decimal of_text(std::string_view text) {
    // Beyond it exponents are as good as one: no number has as many digits to make up for it.
    constexpr std::int64_t far = 1'000'000'000'000'000;
    decimal out;
    if (text.starts_with('-')) {
        out.negative = true;
        text.remove_prefix(1);
    }
    const auto e = text.find_first_of("eE");
    if (e != text.npos) {
        bool minus = false;
        for (const char c : text.substr(e + 1)) {
            if (c == '-') minus = true;
            if (c >= '0' && c <= '9' && out.exponent < far) out.exponent = out.exponent * 10 + (c - '0');
        }
        if (minus) out.exponent = -out.exponent;
        text = text.substr(0, e);
    }
    const auto point = text.find('.');
    out.digits = text.substr(0, point);
    if (point != text.npos) {
        out.digits += text.substr(point + 1);
        out.exponent -= static_cast<std::int64_t>(text.size() - point - 1);
    }
    normalize(out);
    return out;
}

decimal decimal::of(const value_node& number) {
    if (number.kind == kind::decimal) return of_text(number.view());
    decimal out;
    out.negative = number.whole < 0;
    out.digits = std::to_string(number.whole < 0 ? -number.whole : number.whole);
    normalize(out);
    return out;
}

std::uint64_t decimal::hash() const noexcept {
    return hash_bytes(digits.data(), digits.size()) +
           static_cast<std::uint64_t>(exponent) * 0x9e3779b97f4a7c15u + (negative ? 1 : 0);
}

static int compare_size(const decimal& a, const decimal& b) noexcept {
    if (a.digits.empty() || b.digits.empty())
        return static_cast<int>(b.digits.empty()) - static_cast<int>(a.digits.empty());
    const auto top = [](const decimal& d) { return d.exponent + static_cast<std::int64_t>(d.digits.size()); };
    if (top(a) != top(b)) return top(a) < top(b) ? -1 : 1;
    const int order = a.digits.compare(b.digits);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int compare(const decimal& a, const decimal& b) noexcept {
    if (a.negative != b.negative) return a.negative ? -1 : 1;
    return a.negative ? compare_size(b, a) : compare_size(a, b);
}

namespace {

using limbs = std::vector<std::uint32_t>;  // base 10^9, least first

limbs limbs_of(const std::string& digits) {
    limbs out;
    for (std::size_t end = digits.size(); end > 0;) {
        const std::size_t begin = end > 9 ? end - 9 : 0;
        std::uint32_t limb = 0;
        for (std::size_t i = begin; i < end; ++i)
            limb = limb * 10 + static_cast<std::uint32_t>(digits[i] - '0');
        out.push_back(limb);
        end = begin;
    }
    return out;
}

bool at_least(const limbs& a, const limbs& b) {
    for (std::size_t i = a.size(); i-- > 0;)
        if (a[i] != b[i]) return a[i] > b[i];
    return true;
}

/// r = (10 r + digit) mod m; both one limb longer than m needs.
void push_digit(limbs& r, std::uint32_t digit, const limbs& m) {
    std::uint64_t carry = digit;
    for (auto& limb : r) {
        carry += static_cast<std::uint64_t>(limb) * 10;
        limb = static_cast<std::uint32_t>(carry % 1000000000u);
        carry /= 1000000000u;
    }
    while (at_least(r, m)) {
        std::int64_t borrow = 0;
        for (std::size_t i = 0; i < r.size(); ++i) {
            std::int64_t d = static_cast<std::int64_t>(r[i]) - m[i] - borrow;
            borrow = d < 0;
            r[i] = static_cast<std::uint32_t>(d < 0 ? d + 1000000000 : d);
        }
    }
}

division big_division(const decimal& a, const decimal& b, std::int64_t zeros, std::uint64_t budget) {
    limbs m = limbs_of(b.digits);
    m.push_back(0);
    limbs r(m.size(), 0);
    division out;
    out.steps = (a.digits.size() + static_cast<std::uint64_t>(zeros)) * (m.size() / 4 + 1);
    if (out.steps > budget) return {false, false, out.steps};
    for (const char c : a.digits) push_digit(r, static_cast<std::uint32_t>(c - '0'), m);
    for (std::int64_t i = 0; i < zeros; ++i) push_digit(r, 0, m);
    out.multiple = std::all_of(r.begin(), r.end(), [](auto limb) { return limb == 0; });
    return out;
}

std::uint64_t small_remainder(const decimal& a, std::uint64_t m, std::int64_t zeros) {
    __extension__ using wide = unsigned __int128;
    const auto times = [m](std::uint64_t x, std::uint64_t y) {
        return static_cast<std::uint64_t>(static_cast<wide>(x) * y % m);
    };
    std::uint64_t r = 0;
    for (const char c : a.digits)
        r = static_cast<std::uint64_t>((static_cast<wide>(r) * 10 + static_cast<unsigned>(c - '0')) % m);
    std::uint64_t power = 10 % m;
    for (; zeros > 0 && r != 0; zeros >>= 1) {
        if (zeros & 1) r = times(r, power);
        power = times(power, power);
    }
    return r;
}

}  // namespace

division is_multiple(const decimal& a, const decimal& b, std::uint64_t budget) {
    if (a.digits.empty()) return {true, true, 1};
    const auto zeros = a.exponent - b.exponent;
    // a's digits do not end in 0, so they hold no factor 10.
    if (zeros < 0) return {false, true, 1};
    if (b.digits.size() > 18) return big_division(a, b, zeros, budget);
    return {small_remainder(a, std::stoull(b.digits), zeros) == 0, true, a.digits.size() / 8 + 1};
}

}  // namespace qslip::schema
