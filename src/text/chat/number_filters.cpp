#include <charconv>
#include <cmath>

#include "text/chat/filters.hpp"
#include "text/chat/strings.hpp"

namespace qslip::chat {
namespace {

/// The whole of `s` as a number.
template <class Number>
std::optional<Number> number_in(std::string_view s) {
    if (s.starts_with('+')) s.remove_prefix(1);
    Number x = 0;
    const auto r = std::from_chars(s.data(), s.data() + s.size(), x);
    if (r.ec != std::errc() || r.ptr != s.data() + s.size()) return std::nullopt;
    return x;
}
/// Towards zero.
std::optional<std::int64_t> whole_part(std::optional<double> x) {
    return x && std::fabs(*x) < 9e18 ? std::optional(static_cast<std::int64_t>(*x)) : std::nullopt;
}

template <class Number>
value or_else(const std::optional<Number>& x, const value& otherwise) {
    return x ? value{*x} : otherwise;
}

/// int: an integer, else the whole part of a float.
result<value> filter_int(filter_call c) {
    const auto otherwise = c.args.take(0, "default").value_or(value{std::int64_t{0}});
    if (c.input.as<std::int64_t>()) return c.input;
    if (c.input.is_number()) return or_else(whole_part(real_number(c.input)), otherwise);
    if (!c.input.string()) return otherwise;
    QSLIP_TRY(const auto trimmed, strip(*c.input.string(), std::nullopt, true, true, c.costs));
    if (const auto i = number_in<std::int64_t>(trimmed.bytes())) return value{*i};
    return or_else(whole_part(number_in<double>(trimmed.bytes())), otherwise);
}

result<value> filter_float(filter_call c) {
    const auto otherwise = c.args.take(0, "default").value_or(value{0.0});
    if (c.input.is_number()) return value{real_number(c.input)};
    if (!c.input.string()) return otherwise;
    QSLIP_TRY(const auto trimmed, strip(*c.input.string(), std::nullopt, true, true, c.costs));
    return or_else(number_in<double>(trimmed.bytes()), otherwise);
}

result<value> filter_abs(filter_call c) {
    if (const auto* i = c.input.as<std::int64_t>()) {
        if (*i == INT64_MIN) return status(errc::limit, "an integer beyond 64 bits");
        return value{*i < 0 ? -*i : *i};
    }
    if (!c.input.is_number()) return wrong_type("abs needs a number", c.input);
    return value{std::fabs(real_number(c.input))};
}

}  // namespace

std::span<const known_filter> number_filters() {
    static constexpr known_filter all[] = {{"abs", filter_abs}, {"float", filter_float}, {"int", filter_int}};
    return all;
}

}  // namespace qslip::chat
