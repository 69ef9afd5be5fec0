#include <qslip/detail/core/quote.hpp>

#include "text/chat/filters.hpp"
#include "text/chat/rendering.hpp"

namespace qslip::chat {

result<value> rendering::evaluate(std::uint32_t i) {
    const deeper d(depth_);
    const node& n = at(i);
    QSLIP_CHECK(enter(n));
    switch (n.kind) {
        case kind::literal: return n.constant;
        case kind::name: return named(n.text);
        case kind::list:
        case kind::tuple: return sequence(n);
        case kind::dict: return dict_of(n);
        case kind::negate:
        case kind::plus: return signed_number(n);
        case kind::logic_not: return negation(n);
        case kind::chain: return chain(n);
        case kind::compare: return compare(n);
        case kind::choose: return choose(n);
        case kind::suffixed: return suffixed(n);
        default: return fault(n, errc::internal, "a statement stands as an expression");
    }
}

result<value> rendering::negation(const node& n) {
    QSLIP_TRY(const auto v, evaluate(n.kids[0]));
    return value{!truthy(v)};
}

result<value> rendering::choose(const node& n) {
    QSLIP_TRY(const auto condition, evaluate(n.kids[0]));
    const auto chosen = n.kids[truthy(condition) ? 1 : 2];
    if (chosen == no_node) return value{undefined{"an if without else"}};
    return evaluate(chosen);
}

result<std::vector<value>> rendering::all(const std::vector<std::uint32_t>& kids) {
    std::vector<value> out;
    for (const auto kid : kids) {
        QSLIP_TRY(auto v, evaluate(kid));
        if (holds_loop(v)) return fault(at(kid), errc::unsupported, "the loop as a value");
        out.push_back(std::move(v));
    }
    return out;
}

result<value> rendering::sequence(const node& n) {
    QSLIP_TRY(auto items, all(n.kids));
    return on_line(n, costs_.made(make_list(std::move(items), n.kind == kind::tuple)));
}

result<value> rendering::dict_of(const node& n) {
    QSLIP_TRY(auto flat, all(n.kids));
    std::vector<std::pair<text, value>> members;
    for (std::size_t i = 0; i < flat.size(); i += 2) {
        const auto* key = flat[i].string();
        if (!key) return fault(n, errc::unsupported, "a dict key that is " + type_name(flat[i]));
        QSLIP_CHECK(on_line(n, put_member(members, *key, std::move(flat[i + 1]), costs_)));
    }
    return on_line(n, costs_.made(make_dict(std::move(members))));
}

result<value> rendering::suffixed(const node& n) {
    QSLIP_TRY(auto v, evaluate(n.kids[0]));
    for (std::size_t i = 1; i < n.kids.size(); ++i) {
        QSLIP_TRY(v, apply(at(n.kids[i]), v));
    }
    return v;
}

result<value> rendering::apply(const node& n, const value& of) {
    const deeper d(depth_);
    QSLIP_CHECK(enter(n));
    switch (n.kind) {
        case kind::member: return member(n, of);
        case kind::index: return index(n, of);
        case kind::slice: return slice(n, of);
        case kind::call: return call(n, of);
        case kind::filter: return filter(n, of);
        case kind::test: return test(n, of);
        default: return fault(n, errc::internal, "a value stands as its suffix");
    }
}

result<call_arguments> rendering::arguments(const node& n) {
    call_arguments args;
    QSLIP_TRY(args.at, all(n.kids));
    for (const auto& [name, kid] : n.named) {
        QSLIP_TRY(auto v, evaluate(kid));
        if (holds_loop(v)) return fault(at(kid), errc::unsupported, "the loop as a value");
        args.named.emplace_back(name, std::move(v));
    }
    return args;
}
result<value> rendering::filter(const node& n, const value& input) {
    QSLIP_TRY(auto args, arguments(n));
    return on_line(n, apply_filter(n.text, input, std::move(args), costs_));
}
result<value> rendering::test(const node& n, const value& of) {
    QSLIP_TRY(auto args, arguments(n));
    const auto holds = apply_test(n.text, of, std::move(args), costs_);
    if (!holds) return on_line(n, holds.status());
    return value{*holds != n.negated};
}

}  // namespace qslip::chat
