#include <qslip/detail/core/quote.hpp>

#include <charconv>

#include "text/chat/template_parser.hpp"

namespace qslip::chat {

result<std::uint32_t> template_parser::primary() {
    if (now().kind == type::name) return name();
    if (now().kind == type::number) return number();
    if (now().kind == type::string) return strings();
    if (is_op("(")) return brackets();
    if (is_op("[")) return list();
    if (is_op("{")) return dict();
    return expected("an expression");
}

result<std::uint32_t> template_parser::name() {
    for (const std::string_view reserved : {"in", "is", "and", "or", "not", "else", "if"})
        if (now().bytes == reserved) return expected("an expression");
    const auto n = add(kind::literal);
    if (is_name("true") || is_name("True")) {
        at(n).constant = {true};
    } else if (is_name("false") || is_name("False")) {
        at(n).constant = {false};
    } else if (!is_name("none") && !is_name("None")) {
        at(n).kind = kind::name;
        at(n).text = now().bytes;
    }
    next();
    return n;
}

template <class Number>
static result<value> number_from(const std::string& digits) {
    Number x = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), x).ec != std::errc())
        return status(errc::unsupported, "the number " + qslip::quoted(digits));
    return value{x};
}
result<std::uint32_t> template_parser::number() {
    const auto& digits = now().bytes;
    auto read = digits.find_first_of(".eE") == std::string::npos ? number_from<std::int64_t>(digits)
                                                                 : number_from<double>(digits);
    if (!read) return fault(read.status().code(), read.status().message());
    const auto n = add(kind::literal);
    at(n).constant = *std::move(read);
    next();
    return n;
}

/// Strings in a row are one.
result<std::uint32_t> template_parser::strings() {
    const auto n = add(kind::literal);
    std::string bytes;
    for (; now().kind == type::string; next()) bytes += now().bytes;
    at(n).constant = make_text(bytes);
    return n;
}

result<std::uint32_t> template_parser::brackets() {
    next();
    if (is_op(")")) {
        const auto n = add(kind::tuple);
        next();
        return n;
    }
    QSLIP_TRY(const auto inner, tuple_or_one());
    QSLIP_CHECK(need_op(")"));
    return inner;
}

result<std::uint32_t> template_parser::list() {
    const auto n = add(kind::list);
    next();
    while (!is_op("]")) {
        QSLIP_CHECK(add_kid(n, expression()));
        if (!take_op(",")) break;
    }
    QSLIP_CHECK(need_op("]"));
    return n;
}

result<std::uint32_t> template_parser::dict() {
    const auto n = add(kind::dict);
    next();
    while (!is_op("}")) {
        QSLIP_CHECK(add_kid(n, expression()));
        QSLIP_CHECK(need_op(":"));
        QSLIP_CHECK(add_kid(n, expression()));
        if (!take_op(",")) break;
    }
    QSLIP_CHECK(need_op("}"));
    return n;
}

}  // namespace qslip::chat
