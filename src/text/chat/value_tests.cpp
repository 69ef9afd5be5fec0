#include <qslip/detail/core/quote.hpp>

#include "text/chat/filters.hpp"

namespace qslip::chat {
namespace {

struct type_test {
    std::string_view name;
    bool (*holds)(const value&);
};
constexpr type_test type_tests[] = {
    {"defined", [](const value& v) { return !v.is_undefined(); }},
    {"undefined", [](const value& v) { return v.is_undefined(); }},
    {"none", [](const value& v) { return v.as<none>() != nullptr; }},
    {"string", [](const value& v) { return v.string() != nullptr; }},
    {"boolean", [](const value& v) { return v.as<bool>() != nullptr; }},
    {"true", [](const value& v) { return v.as<bool>() && *v.as<bool>(); }},
    {"false", [](const value& v) { return v.as<bool>() && !*v.as<bool>(); }},
    {"number", [](const value& v) { return v.is_number(); }},
    {"integer", [](const value& v) { return v.as<std::int64_t>() != nullptr; }},
    {"float", [](const value& v) { return v.as<double>() != nullptr; }},
    {"mapping", [](const value& v) { return v.members() != nullptr; }},
    {"iterable", [](const value& v) { return v.string() || v.items() || v.members() || v.is_undefined(); }},
    {"sequence", [](const value& v) { return v.string() || v.items() || v.members() || v.is_undefined(); }},
    {"callable", [](const value& v) { return v.as<macro>() || v.as<function>(); }}};

constexpr std::pair<std::string_view, std::string_view> comparing_tests[] = {
    {"eq", "=="}, {"equalto", "=="},    {"==", "=="}, {"ne", "!="}, {"!=", "!="},
    {"gt", ">"},  {"greaterthan", ">"}, {">", ">"},   {"ge", ">="}, {">=", ">="},
    {"lt", "<"},  {"lessthan", "<"},    {"<", "<"},   {"le", "<="}, {"<=", "<="},
    {"in", "in"}, {"sameas", "sameas"}};

result<bool> divides(const std::string& name, const value& v, call_arguments& args) {
    const auto* i = v.as<std::int64_t>();
    QSLIP_TRY(const auto by, whole_or(args.take(0, "num"), 2, "the divisor"));
    if (!i) return wrong_type("test " + name + " needs an integer", v);
    if (by == 0) return status(errc::schema, "division by zero");
    return by == -1 || (*i % by == 0) != (name == "odd");
}

result<bool> same_as(const value& v, const value& other, budget& costs) {
    if (v.v.index() != other.v.index()) return false;
    if (v.as<none>() || v.as<bool>()) return equal(v, other, costs);
    return status(errc::unsupported, "test sameas of " + type_name(v));
}

}  // namespace

result<bool> apply_test(const std::string& name, const value& v, call_arguments args, budget& costs) {
    QSLIP_CHECK(args.charge(costs));
    for (const auto& t : type_tests) {
        if (t.name != name) continue;
        if (args.at.empty() && args.named.empty()) return t.holds(v);
        return status(errc::unsupported, "test " + name + " with an argument");
    }
    if (name == "odd" || name == "even" || name == "divisibleby") return divides(name, v, args);
    for (const auto& [test, op] : comparing_tests) {
        if (test != name) continue;
        const auto other = args.take(0, "other");
        if (!other) return status(errc::schema, "test " + name + " needs an argument");
        if (op == "in") return contains(*other, v, costs);
        return op == "sameas" ? same_as(v, *other, costs) : holds_between(op, v, *other, costs);
    }
    return status(errc::unsupported, "test " + qslip::quoted(name));
}

}  // namespace qslip::chat
