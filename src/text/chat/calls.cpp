#include <qslip/detail/core/quote.hpp>

#include "text/chat/filters.hpp"
#include "text/chat/rendering.hpp"

namespace qslip::chat {

result<value> rendering::call(const node& n, const value& callee) {
    QSLIP_TRY(auto args, arguments(n));
    if (const auto* m = callee.as<macro>()) return call_macro(n, at(m->node), std::move(args));
    if (const auto* f = callee.as<function>())
        return f->self ? on_line(n, call_method(*f->self, f->name, std::move(args), costs_))
                       : call_function(n, f->name, args);
    if (const auto* u = callee.as<undefined>())
        return fault(n, errc::unsupported, "function " + qslip::quoted(u->what));
    return fault(n, errc::schema, "a call of " + type_name(callee));
}

result<value> rendering::call_function(const node& n, const std::string& name, const call_arguments& args) {
    if (name == "range") return range(n, args);
    if (name == "raise_exception") return raise(n, args);
    if (!args.at.empty()) return fault(n, errc::unsupported, name + " with a positional argument");
    return name == "namespace" ? make_space(n, args) : dict_call(n, args);
}

status rendering::raise(const node& n, const call_arguments& args) {
    const auto why = args.at.empty() ? result<text>(text()) : to_text(args.at[0], costs_);
    return fault(
        n, errc::arg,
        "the template refuses the messages: " + qslip::quoted(why ? why->bytes() : std::string(), 256));
}

result<value> rendering::make_space(const node& n, const call_arguments& args) {
    QSLIP_CHECK(on_line(n, costs_.charge(8)));
    spaces_.push_back(std::make_unique<space>());
    for (const auto& [name, v] : args.named) spaces_.back()->members.insert_or_assign(name, v);
    return value{spaces_.back().get()};
}

result<value> rendering::dict_call(const node& n, const call_arguments& args) {
    std::vector<std::pair<text, value>> members;
    for (const auto& [name, v] : args.named)
        QSLIP_CHECK(on_line(n, put_member(members, text(name, false), v, costs_)));
    return on_line(n, costs_.made(make_dict(std::move(members))));
}

result<value> rendering::range(const node& n, const call_arguments& args) {
    std::int64_t ends[3] = {0, 0, 1};
    if (args.at.empty() || args.at.size() > 3 || !args.named.empty())
        return fault(n, errc::schema, "range takes one to three integers");
    for (std::size_t i = 0; i < args.at.size(); ++i) {
        if (!args.at[i].as<std::int64_t>())
            return fault(n, errc::schema, "range of " + type_name(args.at[i]));
        ends[args.at.size() == 1 ? 1 : i] = *args.at[i].as<std::int64_t>();
    }
    if (ends[2] == 0) return fault(n, errc::schema, "range with a step of zero");
    std::vector<value> out;
    for (auto i = ends[0]; ends[2] > 0 ? i < ends[1] : i > ends[1];) {
        QSLIP_CHECK(on_line(n, costs_.charge(4)));
        out.push_back({i});
        if (__builtin_add_overflow(i, ends[2], &i)) break;
    }
    return on_line(n, costs_.made(make_list(std::move(out))));
}

result<value> rendering::call_macro(const node& n, const node& m, call_arguments args) {
    const deeper d(depth_);
    if (args.at.size() > m.names.size())
        return fault(n, errc::schema,
                     "macro " + m.text + " takes " + std::to_string(m.names.size()) + " arguments");
    const auto outer = std::exchange(frame_, scopes_.size());
    scopes_.emplace_back();
    auto made = bind(n, m, args);
    auto out = made.ok() ? captured(m, m.kids.back()) : result<value>(made);
    scopes_.pop_back();
    frame_ = outer;
    flow_ = flow::on;
    return out;
}
status rendering::bind(const node& n, const node& m, call_arguments& args) {
    for (std::size_t i = 0; i < m.names.size(); ++i) {
        auto given = args.take(i, m.names[i]);
        if (!given && m.kids[i] != no_node) {
            QSLIP_TRY(given, evaluate(m.kids[i]));
        }
        scopes_.back().insert_or_assign(m.names[i], given.value_or(value{undefined{m.names[i]}}));
    }
    return on_line(n, args.done());
}

}  // namespace qslip::chat
