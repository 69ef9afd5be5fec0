#include <qslip/detail/core/quote.hpp>

#include <cmath>

#include "text/chat/rendering.hpp"
#include "text/chat/value_text.hpp"

namespace qslip::chat {

result<value> rendering::signed_number(const node& n) {
    QSLIP_TRY(const auto v, evaluate(n.kids[0]));
    if (!v.is_number()) return fault(n, errc::schema, "a sign before " + type_name(v));
    const bool negative = n.kind == kind::negate;
    if (const auto* x = v.as<double>()) return value{negative ? -*x : *x};
    const auto i = whole_number(v);
    if (negative && i == INT64_MIN) return fault(n, errc::limit, "an integer beyond 64 bits");
    return value{negative ? -i : i};
}

/// Operators of one level, from left to right; `and` and `or` stop where the answer is known.
result<value> rendering::chain(const node& n) {
    QSLIP_TRY(auto left, evaluate(n.kids[0]));
    for (std::size_t i = 0; i < n.names.size(); ++i) {
        const auto& op = n.names[i];
        const bool is_logic = op == "and" || op == "or";
        if (is_logic && truthy(left) == (op == "or")) break;
        QSLIP_TRY(auto right, evaluate(n.kids[i + 1]));
        if (is_logic) {
            left = std::move(right);
            continue;
        }
        QSLIP_TRY(left, binary(n, op, left, right));
    }
    return left;
}

namespace {

result<value> of_reals(std::string_view op, double x, double y) {
    const double below = std::floor(x / y);
    if (op == "+") return value{x + y};
    if (op == "-") return value{x - y};
    if (op == "*") return value{x * y};
    if (op == "/") return value{x / y};
    return value{op == "//" ? below : x - below * y};
}

result<value> of_wholes(std::string_view op, std::int64_t x, std::int64_t y) {
    std::int64_t out = 0;
    bool beyond = false;
    if (op == "+") {
        beyond = __builtin_add_overflow(x, y, &out);
    } else if (op == "-") {
        beyond = __builtin_sub_overflow(x, y, &out);
    } else if (op == "*") {
        beyond = __builtin_mul_overflow(x, y, &out);
    } else if (y == -1) {
        beyond = op == "//" && __builtin_sub_overflow(std::int64_t{0}, x, &out);
    } else {
        const std::int64_t rest = x % y, under = rest != 0 && (rest < 0) != (y < 0) ? 1 : 0;
        out = op == "//" ? x / y - under : rest + under * y;
    }
    if (beyond) return status(errc::limit, "an integer beyond 64 bits");
    return value{out};
}

result<value> arithmetic(std::string_view op, const value& left, const value& right) {
    const bool divides = op == "/" || op == "//" || op == "%";
    if (divides && real_number(right) == 0) return status(errc::schema, "division by zero");
    if (op == "/" || left.as<double>() || right.as<double>())
        return of_reals(op, real_number(left), real_number(right));
    return of_wholes(op, whole_number(left), whole_number(right));
}

status no_operator(const std::string& op, const value& left, const value& right) {
    if (op == "%" && left.string()) return {errc::unsupported, "string formatting with %"};
    for (const auto* side : {&left, &right})
        if (const auto* u = side->as<undefined>())
            return {errc::schema, qslip::quoted(u->what) + " is undefined"};
    return {errc::schema,
            "operator " + qslip::quoted(op) + " of " + type_name(left) + " and " + type_name(right)};
}

}  // namespace

result<value> rendering::binary(const node& n, const std::string& op, const value& left, const value& right) {
    const bool strings = left.string() && right.string();
    if (op == "~" || (op == "+" && strings)) return on_line(n, concatenated(left, right));
    if (left.is_number() && right.is_number()) return on_line(n, arithmetic(op, left, right));
    const auto *a = left.items(), *b = right.items();
    if (op == "+" && a && b && a->is_tuple == b->is_tuple) return on_line(n, joined(*a, *b));
    if (op == "*" && left.string()) return on_line(n, repeated(*left.string(), right));
    if (op == "*" && right.string()) return on_line(n, repeated(*right.string(), left));
    return on_line(n, no_operator(op, left, right));
}

result<value> rendering::concatenated(const value& left, const value& right) {
    QSLIP_TRY(auto out, to_text(left, costs_));
    QSLIP_TRY(const auto more, to_text(right, costs_));
    out += more;
    return costs_.made(std::move(out));
}

result<value> rendering::joined(const list& left, const list& right) {
    QSLIP_CHECK(costs_.charge(left.items.size() + right.items.size()));
    auto items = left.items;
    items.insert(items.end(), right.items.begin(), right.items.end());
    return costs_.made(make_list(std::move(items), left.is_tuple));
}

result<value> rendering::repeated(const text& s, const value& times) {
    const auto* given = times.as<std::int64_t>();
    if (!given) return status(errc::schema, "a string is repeated a whole number of times");
    const auto count = s.size() == 0 ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(0, *given));
    if (count > 0 && count > costs_.max_string_bytes() / s.size())
        return status(errc::limit, "a string too long");
    text out;
    for (std::uint64_t i = 0; i < count; ++i) out += s;
    return costs_.made(std::move(out));
}

result<value> rendering::compare(const node& n) {
    QSLIP_TRY(auto left, evaluate(n.kids[0]));
    for (std::size_t i = 0; i < n.names.size(); ++i) {
        const auto& op = n.names[i];
        QSLIP_TRY(auto right, evaluate(n.kids[i + 1]));
        auto holds = op == "in" || op == "not in" ? contains(right, left, costs_)
                                                  : holds_between(op, left, right, costs_);
        if (!holds) return on_line(n, holds.status());
        if (*holds == (op == "not in")) return value{false};
        left = std::move(right);
    }
    return value{true};
}

}  // namespace qslip::chat
