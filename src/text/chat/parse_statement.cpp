#include <qslip/detail/core/quote.hpp>

#include <algorithm>

#include "text/chat/template_parser.hpp"

namespace qslip::chat {

/// Up to a tag that opens with one of `ends`; that name is the next token. None: up to the end.
result<std::uint32_t> template_parser::block(std::initializer_list<std::string_view> ends) {
    const deeper d(depth_);
    if (depth_ > max_source_depth) return too_deep();
    const auto n = add(kind::block);
    for (;;) {
        if (now().kind == type::end) {
            if (ends.size() != 0) return expected(qslip::quoted(*(ends.end() - 1)));
            return n;
        }
        if (now().kind == type::open_block && ahead(1).kind == type::name &&
            std::find(ends.begin(), ends.end(), ahead(1).bytes) != ends.end()) {
            next();
            return n;
        }
        QSLIP_CHECK(add_kid(n, part()));
    }
}

result<std::uint32_t> template_parser::part() {
    if (now().kind == type::text) {
        const auto n = add(kind::raw_text);
        at(n).constant = make_text(now().bytes);
        next();
        return n;
    }
    if (now().kind == type::open_output) return output();
    next();
    return statement();
}

result<std::uint32_t> template_parser::output() {
    const auto n = add(kind::output);
    next();
    QSLIP_CHECK(add_kid(n, tuple_or_one()));
    if (now().kind != type::close_output) return expected("the end of the tag");
    next();
    return n;
}

result<std::uint32_t> template_parser::statement() {
    if (now().kind != type::name) return expected("a statement");
    if (is_name("if")) return if_else();
    if (is_name("for")) return for_each();
    if (is_name("set")) return set();
    if (is_name("macro")) return define();
    if (is_name("generation")) return generation();
    if (is_name("break")) return leave(kind::leave_loop);
    if (is_name("continue")) return leave(kind::next_turn);
    return fault(errc::unsupported, "statement " + qslip::quoted(now().bytes));
}

result<std::uint32_t> template_parser::leave(kind k) {
    if (loops_ == 0) return fault(errc::format, qslip::quoted(now().bytes) + " outside a loop");
    const auto n = add(k);
    next();
    QSLIP_CHECK(need_end_of_block());
    return n;
}

result<std::uint32_t> template_parser::if_else() {
    const auto n = add(kind::if_else);
    do {
        next();  // if or elif
        QSLIP_CHECK(add_kid(n, expression()));
        QSLIP_CHECK(need_end_of_block());
        QSLIP_CHECK(add_kid(n, block({"elif", "else", "endif"})));
    } while (is_name("elif"));
    if (take_name("else")) {
        QSLIP_CHECK(need_end_of_block());
        QSLIP_CHECK(add_kid(n, block({"endif"})));
    }
    next();
    QSLIP_CHECK(need_end_of_block());
    return n;
}

result<std::uint32_t> template_parser::for_each() {
    const auto n = add(kind::for_each);
    next();
    QSLIP_TRY(at(n).names, targets());
    if (!take_name("in")) return expected("\"in\"");
    QSLIP_TRY(auto over, operators());  // an `if` behind it is the loop's filter
    if (is_op(",")) {
        QSLIP_TRY(over, tuple_of_operators(over));
    }
    auto filter = no_node;
    if (take_name("if")) {
        QSLIP_TRY(filter, expression());
    }
    if (is_name("recursive")) return fault(errc::unsupported, "a recursive loop");
    at(n).kids = {over, filter};
    QSLIP_CHECK(need_end_of_block());
    ++loops_;
    QSLIP_CHECK(add_kid(n, block({"else", "endfor"})));
    --loops_;
    auto otherwise = no_node;
    if (take_name("else")) {
        QSLIP_CHECK(need_end_of_block());
        QSLIP_TRY(otherwise, block({"endfor"}));
    }
    at(n).kids.push_back(otherwise);
    next();
    QSLIP_CHECK(need_end_of_block());
    return n;
}

result<std::vector<std::string>> template_parser::targets() {
    std::vector<std::string> names;
    const bool brackets = take_op("(");
    do {
        QSLIP_TRY(auto name, need_name());
        names.push_back(std::move(name));
    } while (take_op(",") && now().kind == type::name);
    if (brackets) QSLIP_CHECK(need_op(")"));
    return names;
}

result<std::uint32_t> template_parser::set() {
    const auto n = add(kind::set_names);
    next();
    QSLIP_TRY(at(n).names, targets());
    if (at(n).names.size() == 1 && take_op(".")) {
        at(n).kind = kind::set_member;
        QSLIP_TRY(auto member, need_name());
        at(n).names.push_back(std::move(member));
    }
    if (!take_op("=")) return set_block(n);
    QSLIP_CHECK(add_kid(n, tuple_or_one()));
    QSLIP_CHECK(need_end_of_block());
    return n;
}
result<std::uint32_t> template_parser::set_block(std::uint32_t n) {
    if (is_op("|")) return fault(errc::unsupported, "a set block with a filter");
    if (at(n).kind != kind::set_names || at(n).names.size() != 1) return expected("\"=\"");
    at(n).kind = kind::set_block;
    QSLIP_CHECK(need_end_of_block());
    QSLIP_CHECK(add_kid(n, block({"endset"})));
    next();
    QSLIP_CHECK(need_end_of_block());
    return n;
}

/// {% generation %} marks what an assistant said; it prints what it holds.
result<std::uint32_t> template_parser::generation() {
    next();
    QSLIP_CHECK(need_end_of_block());
    QSLIP_TRY(const auto body, block({"endgeneration"}));
    next();
    QSLIP_CHECK(need_end_of_block());
    return body;
}

result<std::uint32_t> template_parser::define() {
    if (loops_ > 0 || in_macro_) return fault(errc::unsupported, "a macro inside a loop or macro");
    const auto n = add(kind::define);
    next();
    QSLIP_TRY(at(n).text, need_name());
    QSLIP_CHECK(parameters(n));
    QSLIP_CHECK(need_end_of_block());
    in_macro_ = true;
    QSLIP_CHECK(add_kid(n, block({"endmacro"})));
    in_macro_ = false;
    next();
    if (now().kind == type::name) next();
    QSLIP_CHECK(need_end_of_block());
    return n;
}
status template_parser::parameters(std::uint32_t n) {
    QSLIP_CHECK(need_op("("));
    while (!is_op(")")) {
        QSLIP_TRY(auto parameter, need_name());
        at(n).names.push_back(std::move(parameter));
        auto otherwise = no_node;
        if (take_op("=")) {
            QSLIP_TRY(otherwise, expression());
        }
        at(n).kids.push_back(otherwise);
        if (at(n).kids.size() > max_arguments) return fault(errc::limit, "more than 255 parameters");
        if (!take_op(",")) break;
    }
    return need_op(")");
}

}  // namespace qslip::chat
