#include <qslip/detail/core/quote.hpp>

#include "text/chat/template_parser.hpp"

namespace qslip::chat {

result<std::uint32_t> template_parser::tuple_or_one() {
    QSLIP_TRY(const auto first, expression());
    if (!is_op(",")) return first;
    const auto n = add(kind::tuple);
    at(n).kids = {first};
    while (take_op(",")) {
        if (now().kind == type::close_output || now().kind == type::close_block || is_op(")")) break;
        QSLIP_CHECK(add_kid(n, expression()));
    }
    return n;
}
/// The rest of a tuple that a for runs over: no inline if.
result<std::uint32_t> template_parser::tuple_of_operators(std::uint32_t first) {
    const auto n = add(kind::tuple);
    at(n).kids = {first};
    while (take_op(",")) QSLIP_CHECK(add_kid(n, operators()));
    return n;
}

result<std::uint32_t> template_parser::expression() {
    const deeper d(depth_);
    if (depth_ > max_source_depth) return too_deep();
    QSLIP_TRY(auto left, operators());
    while (is_name("if")) {
        const auto n = add(kind::choose);
        next();
        QSLIP_TRY(const auto condition, operators());
        auto otherwise = no_node;
        if (take_name("else")) {
            QSLIP_TRY(otherwise, expression());
        }
        at(n).kids = {condition, left, otherwise};
        left = n;
    }
    return left;
}

namespace {

enum level : unsigned {
    no_operator,
    level_or,
    level_and,
    level_not,
    level_compare,
    level_sum,
    level_concat,
    level_product
};

struct binary_operator {
    std::string_view text;
    unsigned level;
};

/// The operator that the token is, `not in` aside.
binary_operator operator_of(const token& t) {
    static constexpr binary_operator words[] = {{"or", level_or}, {"and", level_and}, {"in", level_compare}};
    static constexpr binary_operator signs[] = {
        {"==", level_compare}, {"!=", level_compare}, {"<=", level_compare}, {">=", level_compare},
        {"<", level_compare},  {">", level_compare},  {"+", level_sum},      {"-", level_sum},
        {"~", level_concat},   {"*", level_product},  {"/", level_product},  {"//", level_product},
        {"%", level_product}};
    if (t.kind == token::type::name)
        for (const auto& op : words)
            if (t.bytes == op.text) return op;
    if (t.kind == token::type::op)
        for (const auto& op : signs)
            if (t.bytes == op.text) return op;
    return {"", no_operator};
}

/// An operator that still waits for its right operand, and how tightly it binds.
struct open_node {
    std::uint32_t node;
    unsigned level;
};

}  // namespace

/// Operands and the operators between them, by level. Operators of one level in a row are one node; those
/// that wait for an operand of a tighter level stand in `open`, so that no level needs a call of its own.
result<std::uint32_t> template_parser::operators() {
    std::vector<open_node> open;
    for (;;) {
        while ((open.empty() || open.back().level <= level_not) && is_name("not")) {
            open.push_back({add(kind::logic_not), level_not});
            next();
            if (open.size() > max_source_depth) return too_deep();
        }
        QSLIP_TRY(auto operand, unary(true));
        if (is_op("**")) return fault(errc::unsupported, "operator \"**\"");
        const bool not_in = is_name("not") && ahead(1).is(type::name, "in");
        const auto op = not_in ? binary_operator{"not in", level_compare} : operator_of(now());
        for (; !open.empty() && open.back().level > op.level; open.pop_back()) {
            at(open.back().node).kids.push_back(operand);
            operand = open.back().node;
        }
        if (op.level == no_operator) return operand;
        if (open.empty() || open.back().level < op.level)
            open.push_back({add(op.level == level_compare ? kind::compare : kind::chain), op.level});
        at(open.back().node).kids.push_back(operand);
        at(open.back().node).names.emplace_back(op.text);
        next();
        if (not_in) next();
    }
}

result<std::uint32_t> template_parser::unary(bool with_filters) {
    if (!is_op("-") && !is_op("+")) {
        QSLIP_TRY(const auto first, primary());
        return suffixes(first, with_filters);
    }
    const deeper d(depth_);
    if (depth_ > max_source_depth) return too_deep();
    const auto n = add(is_op("-") ? kind::negate : kind::plus);
    next();
    QSLIP_CHECK(add_kid(n, unary(false)));
    return suffixes(n, with_filters);
}

/// Members, subscripts and calls; then filters and tests, which may be called on.
result<std::uint32_t> template_parser::suffixes(std::uint32_t left, bool with_filters) {
    auto whole = no_node;
    while (is_op(".") || is_op("[") || is_op("(") || (with_filters && (is_op("|") || is_name("is")))) {
        if (whole == no_node) {
            whole = add(kind::suffixed);
            at(whole).kids = {left};
        }
        QSLIP_CHECK(add_kid(whole, suffix()));
    }
    return whole == no_node ? left : whole;
}
result<std::uint32_t> template_parser::suffix() {
    const deeper d(depth_);
    if (depth_ > max_source_depth) return too_deep();
    if (is_op(".")) return member();
    if (is_op("[")) return subscript();
    if (is_op("|")) return filter();
    if (is_name("is")) return test();
    const auto n = add(kind::call);
    QSLIP_CHECK(arguments(n));
    return n;
}

result<std::uint32_t> template_parser::member() {
    const auto n = add(kind::member);
    next();
    if (now().kind == type::number) {  // a.0
        at(n).kind = kind::index;
        QSLIP_CHECK(add_kid(n, number()));
        return n;
    }
    QSLIP_TRY(at(n).text, need_name());
    return n;
}

result<std::uint32_t> template_parser::subscript() {
    const auto n = add(kind::index);
    next();
    std::uint32_t parts[3] = {no_node, no_node, no_node};
    for (auto& part : parts) {
        if (!is_op(":") && !is_op("]")) {
            QSLIP_TRY(part, expression());
        }
        if (!take_op(":")) break;
        at(n).kind = kind::slice;
    }
    if (is_op(",")) return fault(errc::unsupported, "a subscript with a comma");
    QSLIP_CHECK(need_op("]"));
    if (at(n).kind == kind::slice)
        at(n).kids.assign(std::begin(parts), std::end(parts));
    else if (parts[0] == no_node)
        return fault(errc::format, "an empty subscript");
    else
        at(n).kids = {parts[0]};
    return n;
}

result<std::uint32_t> template_parser::filter() {
    const auto n = add(kind::filter);
    next();
    QSLIP_TRY(at(n).text, need_name());
    if (is_op(".")) return fault(errc::unsupported, "filter " + qslip::quoted(at(n).text + "."));
    if (is_op("(")) QSLIP_CHECK(arguments(n));
    return n;
}

result<std::uint32_t> template_parser::test() {
    const auto n = add(kind::test);
    next();
    at(n).negated = take_name("not");
    QSLIP_TRY(at(n).text, need_name());
    if (is_op("(")) {
        QSLIP_CHECK(arguments(n));
    } else if (takes_bare_argument()) {
        QSLIP_TRY(const auto first, primary());
        QSLIP_CHECK(add_kid(n, suffixes(first, false)));
    }
    return n;
}
/// `x is eq 3`: a value right behind a test's name is its argument.
bool template_parser::takes_bare_argument() const {
    if (now().kind == type::name) {
        for (const std::string_view word : {"else", "or", "and", "if", "is", "in", "not"})
            if (now().bytes == word) return false;
        return true;
    }
    return now().kind == type::number || now().kind == type::string || is_op("[") || is_op("{");
}

status template_parser::arguments(std::uint32_t call) {
    QSLIP_CHECK(need_op("("));
    while (!is_op(")")) {
        if (is_op("*") || is_op("**")) return fault(errc::unsupported, "a call with * or **");
        if (now().kind == type::name && ahead(1).is(type::op, "=")) {
            auto name = now().bytes;
            next();
            next();
            QSLIP_TRY(const auto kid, expression());
            at(call).named.emplace_back(std::move(name), kid);
        } else {
            if (!at(call).named.empty())
                return fault(errc::format, "a positional argument behind a named one");
            QSLIP_CHECK(add_kid(call, expression()));
        }
        if (at(call).kids.size() + at(call).named.size() > max_arguments)
            return fault(errc::limit, "more than 255 arguments");
        if (!take_op(",")) break;
    }
    return need_op(")");
}

}  // namespace qslip::chat
