#include "io/chat_rendering.hpp"

#include <qslip/core/quote.hpp>

#include <cmath>
#include <memory>

#include "io/chat_library.hpp"

namespace qslip::chat {
namespace {

constexpr unsigned max_depth = 200;

using scope = std::map<std::string, value, std::less<>>;

enum class flow { on, leave, next };

class rendering {
public:
    rendering(const tree& t, const limits& lim) : tree_(t), costs_(lim), lim_(lim) { scopes_.emplace_back(); }

    result<text> run(const std::vector<std::pair<std::string, value>>& variables) {
        for (const auto& [name, v] : variables) globals_.insert_or_assign(name, v);
        QSLIP_CHECK(execute(tree_.root));
        return std::move(out_);
    }

private:
    const node& at(std::uint32_t i) const { return tree_.nodes[i]; }
    static status fault(const node& n, errc code, const std::string& what) {
        return {code, at_line(n.line, what)};
    }
    /// The status of a library function, with the line in front.
    static status on_line(const node& n, const status& why) {
        return why.ok() ? why : status(why.code(), at_line(n.line, why.message()));
    }
    static result<value> on_line(const node& n, result<value> r) {
        return r ? std::move(r) : result<value>(on_line(n, r.status()));
    }

    // ---- statements

    status print(const node& n, const text& t) {
        QSLIP_CHECK(on_line(n, costs_.charge(1 + t.size() / 16)));
        if (t.size() > lim_.string_bytes || out_.size() > lim_.string_bytes - t.size())
            return fault(n, errc::limit,
                         "the prompt is longer than " + std::to_string(lim_.string_bytes) + " bytes");
        out_ += t;
        return {};
    }

    status execute(std::uint32_t i) {
        const deeper d(depth_);
        const node& n = at(i);
        if (depth_ > max_depth) return fault(n, errc::limit, "nested too deeply");
        QSLIP_CHECK(on_line(n, costs_.charge(1)));
        switch (n.kind) {
            case kind::block:
                for (const auto kid : n.kids) {
                    QSLIP_CHECK(execute(kid));
                    if (flow_ != flow::on) break;
                }
                return {};
            case kind::raw_text: return print(n, *n.constant.string());
            case kind::output: return output(n);
            case kind::if_else: return if_else(n);
            case kind::for_each: return for_each(n);
            case kind::set_names: return set_names(n);
            case kind::set_member: return set_member(n);
            case kind::set_block: return set_block(n);
            case kind::define: scopes_.front().insert_or_assign(n.text, value{macro{i}}); return {};
            case kind::leave_loop: flow_ = flow::leave; return {};
            case kind::next_turn: flow_ = flow::next; return {};
            default: return fault(n, errc::internal, "an expression stands as a statement");
        }
    }

    status output(const node& n) {
        QSLIP_TRY(const auto v, evaluate(n.kids[0]));
        auto t = to_text(v);
        return t ? print(n, *t) : on_line(n, t.status());
    }

    status if_else(const node& n) {
        for (std::size_t i = 0; i < n.kids.size(); i += 2) {
            if (i + 1 == n.kids.size()) return execute(n.kids[i]);
            QSLIP_TRY(const auto condition, evaluate(n.kids[i]));
            if (truthy(condition)) return execute(n.kids[i + 1]);
        }
        return {};
    }

    /// Names taken apart from one item.
    status assign(const node& n, const value& item) {
        if (n.names.size() == 1) {
            scopes_.back().insert_or_assign(n.names[0], item);
            return {};
        }
        auto parts = items_of(item, costs_);
        if (!parts) return on_line(n, parts.status());
        if (parts->size() != n.names.size())
            return fault(
                n, errc::schema,
                std::to_string(n.names.size()) + " names for " + std::to_string(parts->size()) + " values");
        for (std::size_t i = 0; i < n.names.size(); ++i)
            scopes_.back().insert_or_assign(n.names[i], (*parts)[i]);
        return {};
    }

    result<std::vector<value>> loop_items(const node& n) {
        QSLIP_TRY(const auto over, evaluate(n.kids[0]));
        auto items = items_of(over, costs_);
        if (!items) return on_line(n, items.status());
        if (n.kids[1] == no_node) return items;
        std::vector<value> kept;
        for (auto& item : *items) {
            scopes_.emplace_back();
            auto assigned = assign(n, item);
            auto keep = assigned.ok() ? evaluate(n.kids[1]) : result<value>(assigned);
            scopes_.pop_back();
            if (!keep) return keep.status();
            if (truthy(*keep)) kept.push_back(std::move(item));
        }
        return kept;
    }

    status for_each(const node& n) {
        QSLIP_TRY(auto items, loop_items(n));
        if (items.empty()) return n.kids[3] == no_node ? status() : execute(n.kids[3]);
        loop_state loop;
        loop.items = std::make_shared<const list>(list{.items = std::move(items)});
        for (; loop.index < loop.items->items.size(); ++loop.index) {
            scopes_.emplace_back();
            scopes_.back().emplace("loop", value{&loop});
            auto done = assign(n, loop.items->items[loop.index]);
            if (done.ok()) done = execute(n.kids[2]);
            scopes_.pop_back();
            QSLIP_CHECK(std::move(done));
            const bool leave = flow_ == flow::leave;
            flow_ = flow::on;
            if (leave) break;
        }
        return {};
    }

    status set_names(const node& n) {
        QSLIP_TRY(const auto v, evaluate(n.kids[0]));
        if (n.names.size() == 1 && holds_loop(v))
            return fault(n, errc::unsupported, "a name for the loop itself");
        return assign(n, v);
    }
    static bool holds_loop(const value& v) { return v.as<loop_state*>() != nullptr; }

    status set_member(const node& n) {
        QSLIP_TRY(const auto v, evaluate(n.kids[0]));
        const auto* found = find(n.names[0]);
        const auto* s = found ? found->as<space*>() : nullptr;
        if (!s) return fault(n, errc::schema, qslip::quoted(n.names[0]) + " is no namespace");
        if (holds_loop(v)) return fault(n, errc::unsupported, "a name for the loop itself");
        (*s)->members.insert_or_assign(n.names[1], v);
        return {};
    }

    /// What a block prints, as a value.
    result<value> captured(const node& n, std::uint32_t body) {
        auto outer = std::exchange(out_, text());
        const auto done = execute(body);
        auto inner = std::exchange(out_, std::move(outer));
        QSLIP_CHECK(done);
        return on_line(n, costs_.made(std::move(inner)));
    }
    status set_block(const node& n) {
        scopes_.emplace_back();
        auto v = captured(n, n.kids[0]);
        scopes_.pop_back();
        if (!v) return v.status();
        scopes_.back().insert_or_assign(n.names[0], *std::move(v));
        return {};
    }

    // ---- names

    const value* find(const std::string& name) const {
        for (auto s = scopes_.size(); s-- > frame_;)
            if (const auto it = scopes_[s].find(name); it != scopes_[s].end()) return &it->second;
        if (const auto it = scopes_.front().find(name); it != scopes_.front().end()) return &it->second;
        const auto it = globals_.find(name);
        return it == globals_.end() ? nullptr : &it->second;
    }
    value named(const std::string& name) const {
        if (const auto* v = find(name)) return *v;
        for (const std::string_view builtin : {"range", "namespace", "raise_exception", "dict"})
            if (name == builtin) return {function{name, nullptr}};
        return {undefined{name}};
    }

    // ---- expressions

    result<value> evaluate(std::uint32_t i) {
        const deeper d(depth_);
        const node& n = at(i);
        if (depth_ > max_depth) return fault(n, errc::limit, "nested too deeply");
        QSLIP_CHECK(on_line(n, costs_.charge(1)));
        switch (n.kind) {
            case kind::literal: return n.constant;
            case kind::name: return named(n.text);
            case kind::list:
            case kind::tuple: return sequence(n);
            case kind::dict: return dict_of(n);
            case kind::negate:
            case kind::plus: return signed_number(n);
            case kind::logic_not: {
                QSLIP_TRY(const auto v, evaluate(n.kids[0]));
                return value{!truthy(v)};
            }
            case kind::binary: return binary(n);
            case kind::compare: return compare(n);
            case kind::choose: {
                QSLIP_TRY(const auto condition, evaluate(n.kids[0]));
                const auto chosen = n.kids[truthy(condition) ? 1 : 2];
                return chosen == no_node ? result<value>(value{undefined{"an if without else"}})
                                         : evaluate(chosen);
            }
            case kind::member: return member(n);
            case kind::index: return index(n);
            case kind::slice: return slice(n);
            case kind::call: return call(n);
            case kind::filter: return filter(n);
            case kind::test: return test(n);
            default: return fault(n, errc::internal, "a statement stands as an expression");
        }
    }

    result<std::vector<value>> all(const std::vector<std::uint32_t>& kids, std::size_t from = 0) {
        std::vector<value> out;
        for (auto i = from; i < kids.size(); ++i) {
            QSLIP_TRY(auto v, evaluate(kids[i]));
            if (holds_loop(v)) return fault(at(kids[i]), errc::unsupported, "the loop as a value");
            out.push_back(std::move(v));
        }
        return out;
    }
    result<value> sequence(const node& n) {
        QSLIP_TRY(auto items, all(n.kids));
        return on_line(n, costs_.made(make_list(std::move(items), n.kind == kind::tuple)));
    }
    result<value> dict_of(const node& n) {
        QSLIP_TRY(auto flat, all(n.kids));
        std::vector<std::pair<text, value>> members;
        for (std::size_t i = 0; i < flat.size(); i += 2) {
            if (!flat[i].string())
                return fault(n, errc::unsupported, "a dict key that is " + type_name(flat[i]));
            put(members, *flat[i].string(), std::move(flat[i + 1]));
            QSLIP_CHECK(on_line(n, costs_.charge(1 + members.size() / 8)));
        }
        return on_line(n, costs_.made(make_dict(std::move(members))));
    }
    static void put(std::vector<std::pair<text, value>>& members, const text& key, value v) {
        for (auto& [name, item] : members)
            if (name.bytes() == key.bytes()) {
                item = std::move(v);
                return;
            }
        members.emplace_back(key, std::move(v));
    }

    result<value> signed_number(const node& n) {
        QSLIP_TRY(auto v, evaluate(n.kids[0]));
        if (!v.is_number()) return fault(n, errc::schema, "a sign before " + type_name(v));
        if (n.kind == kind::plus && !v.as<bool>()) return v;
        if (const auto* x = v.as<double>()) return value{-*x};
        const std::int64_t i = v.as<bool>() ? (*v.as<bool>() ? 1 : 0) : *v.as<std::int64_t>();
        if (n.kind == kind::plus) return value{i};
        if (i == INT64_MIN) return fault(n, errc::limit, "an integer beyond 64 bits");
        return value{-i};
    }

    result<value> binary(const node& n) {
        QSLIP_TRY(auto left, evaluate(n.kids[0]));
        if (n.text == "and" || n.text == "or")
            return truthy(left) == (n.text == "or") ? left : evaluate(n.kids[1]);
        QSLIP_TRY(auto right, evaluate(n.kids[1]));
        if (n.text == "~") return concatenated(n, left, right);
        if (left.is_number() && right.is_number()) return arithmetic(n, left, right);
        if (n.text == "+" && left.string() && right.string()) return concatenated(n, left, right);
        if (n.text == "+" && left.items() && right.items() &&
            left.items()->is_tuple == right.items()->is_tuple) {
            auto items = left.items()->items;
            items.insert(items.end(), right.items()->items.begin(), right.items()->items.end());
            return on_line(n, costs_.made(make_list(std::move(items), left.items()->is_tuple)));
        }
        if (n.text == "*" && (left.string() || right.string())) return repeated(n, left, right);
        if (n.text == "%" && left.string()) return fault(n, errc::unsupported, "string formatting with %");
        for (const auto* side : {&left, &right})
            if (const auto* u = side->as<undefined>())
                return fault(n, errc::schema, qslip::quoted(u->what) + " is undefined");
        return fault(
            n, errc::schema,
            "operator " + qslip::quoted(n.text) + " of " + type_name(left) + " and " + type_name(right));
    }
    result<value> concatenated(const node& n, const value& left, const value& right) {
        auto a = to_text(left), b = to_text(right);
        if (!a || !b) return on_line(n, a ? b.status() : a.status());
        *a += *b;
        return on_line(n, costs_.made(*std::move(a)));
    }
    result<value> repeated(const node& n, const value& left, const value& right) {
        const auto& s = left.string() ? *left.string() : *right.string();
        const auto* times = left.string() ? right.as<std::int64_t>() : left.as<std::int64_t>();
        if (!times) return fault(n, errc::schema, "a string is repeated a whole number of times");
        const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, *times));
        if (s.size() > 0 && count > lim_.string_bytes / s.size())
            return fault(n, errc::limit, "a string too long");
        QSLIP_CHECK(on_line(n, costs_.charge(1 + s.size() * count / 16)));
        text out;
        for (std::uint64_t i = 0; i < (s.size() ? count : 0); ++i) out += s;
        return make_text(std::move(out));
    }
    static std::int64_t whole(const value& v) {
        return v.as<bool>() ? (*v.as<bool>() ? 1 : 0) : *v.as<std::int64_t>();
    }
    static double real(const value& v) {
        return v.as<double>() ? *v.as<double>() : static_cast<double>(whole(v));
    }

    result<value> arithmetic(const node& n, const value& left, const value& right) {
        const bool divides = n.text == "/" || n.text == "//" || n.text == "%";
        if (divides && real(right) == 0) return fault(n, errc::schema, "division by zero");
        if (n.text == "/" || left.as<double>() || right.as<double>()) {
            const double x = real(left), y = real(right), quotient = std::floor(x / y);
            if (n.text == "+") return value{x + y};
            if (n.text == "-") return value{x - y};
            if (n.text == "*") return value{x * y};
            if (n.text == "/") return value{x / y};
            return value{n.text == "//" ? quotient : x - quotient * y};
        }
        const auto x = whole(left), y = whole(right);
        std::int64_t out = 0;
        bool beyond = false;
        if (n.text == "+")
            beyond = __builtin_add_overflow(x, y, &out);
        else if (n.text == "-")
            beyond = __builtin_sub_overflow(x, y, &out);
        else if (n.text == "*")
            beyond = __builtin_mul_overflow(x, y, &out);
        else if (y == -1)
            beyond = n.text == "//" && __builtin_sub_overflow(std::int64_t{0}, x, &out);
        else {
            const std::int64_t rest = x % y, under = rest != 0 && (rest < 0) != (y < 0) ? 1 : 0;
            out = n.text == "//" ? x / y - under : rest + under * y;
        }
        if (beyond) return fault(n, errc::limit, "an integer beyond 64 bits");
        return value{out};
    }

    result<value> compare(const node& n) {
        QSLIP_TRY(auto left, evaluate(n.kids[0]));
        for (std::size_t i = 0; i < n.names.size(); ++i) {
            QSLIP_TRY(auto right, evaluate(n.kids[i + 1]));
            auto holds = holds_between(n.names[i], left, right);
            if (!holds) return on_line(n, holds.status());
            if (!*holds) return value{false};
            left = std::move(right);
        }
        return value{true};
    }
    result<bool> holds_between(const std::string& op, const value& left, const value& right) {
        QSLIP_CHECK(costs_.charge(1 + std::min(left.weight(), right.weight())));
        if (op == "==") return equal(left, right);
        if (op == "!=") return !equal(left, right);
        if (op == "in" || op == "not in") {
            QSLIP_TRY(const auto found, contains(right, left, costs_));
            return found == (op == "in");
        }
        QSLIP_TRY(const auto order, compare_order(left, right));
        return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
    }

    result<value> loop_member(const node& n, const loop_state& loop) {
        const auto i = static_cast<std::int64_t>(loop.index),
                   size = static_cast<std::int64_t>(loop.items->items.size());
        const auto& name = n.text;
        if (name == "index0") return value{i};
        if (name == "index") return value{i + 1};
        if (name == "revindex0") return value{size - i - 1};
        if (name == "revindex") return value{size - i};
        if (name == "first") return value{i == 0};
        if (name == "last") return value{i + 1 == size};
        if (name == "length") return value{size};
        if (name == "previtem" || name == "nextitem") {
            const auto other = name == "previtem" ? i - 1 : i + 1;
            if (other < 0 || other >= size) return value{undefined{"loop." + name}};
            return loop.items->items[static_cast<std::size_t>(other)];
        }
        return fault(n, errc::unsupported, "loop." + name);
    }

    result<value> member(const node& n) {
        QSLIP_TRY(auto of, evaluate(n.kids[0]));
        if (const auto* loop = of.as<loop_state*>()) return loop_member(n, **loop);
        const auto method = has_method(of, n.text);
        if (!method) return on_line(n, method.status());
        if (*method) return value{function{n.text, std::make_shared<const value>(std::move(of))}};
        return on_line(n, get_item(of, make_text(n.text), costs_));
    }
    result<value> index(const node& n) {
        QSLIP_TRY(auto of, evaluate(n.kids[0]));
        QSLIP_TRY(const auto key, evaluate(n.kids[1]));
        if (of.as<loop_state*>()) return fault(n, errc::unsupported, "a subscript of the loop");
        auto found = on_line(n, get_item(of, key, costs_));
        if (!found || !found->is_undefined() || !key.string()) return found;
        const auto method = has_method(of, key.string()->bytes());  // d['items'] where no member has the name
        if (!method || !*method) return found;
        return value{function{key.string()->bytes(), std::make_shared<const value>(std::move(of))}};
    }

    /// Python's slices; positions of strings count characters.
    result<value> slice(const node& n) {
        QSLIP_TRY(const auto of, evaluate(n.kids[0]));
        std::optional<std::int64_t> ends[3];
        for (std::size_t i = 0; i < 3; ++i) {
            if (n.kids[i + 1] == no_node) continue;
            QSLIP_TRY(const auto v, evaluate(n.kids[i + 1]));
            if (v.as<none>()) continue;
            if (!v.as<std::int64_t>()) return fault(n, errc::schema, "a slice bound that is " + type_name(v));
            ends[i] = *v.as<std::int64_t>();
        }
        if (!of.items() && !of.string()) return fault(n, errc::schema, "a slice of " + type_name(of));
        const auto step = ends[2].value_or(1);
        if (step == 0) return fault(n, errc::schema, "a slice step of zero");
        auto items = items_of(of, costs_);
        if (!items) return on_line(n, items.status());
        std::vector<value> kept;
        for (const auto i : positions(static_cast<std::int64_t>(items->size()), ends[0], ends[1], step))
            kept.push_back((*items)[static_cast<std::size_t>(i)]);
        if (of.items()) return on_line(n, costs_.made(make_list(std::move(kept), of.items()->is_tuple)));
        text out;
        for (const auto& c : kept) out += *c.string();
        return on_line(n, costs_.made(std::move(out)));
    }
    static std::vector<std::int64_t> positions(std::int64_t n, std::optional<std::int64_t> start,
                                               std::optional<std::int64_t> stop, std::int64_t step) {
        const auto lowest = step > 0 ? std::int64_t{0} : std::int64_t{-1}, highest = step > 0 ? n : n - 1;
        const auto place = [&](std::int64_t i) { return std::clamp(i < 0 ? i + n : i, lowest, highest); };
        const auto begin = start ? place(*start) : (step > 0 ? lowest : highest);
        const auto end = stop ? place(*stop) : (step > 0 ? highest : lowest);
        const auto stride = std::clamp(step, -n - 1, n + 1);  // longer ones leave the range all the same
        std::vector<std::int64_t> out;
        for (auto i = begin; step > 0 ? i < end : i > end; i += stride) out.push_back(i);
        return out;
    }

    result<call_arguments> arguments(const node& n) {
        call_arguments args;
        QSLIP_TRY(args.at, all(n.kids, 1));
        for (const auto& [name, kid] : n.named) {
            QSLIP_TRY(auto v, evaluate(kid));
            if (holds_loop(v)) return fault(at(kid), errc::unsupported, "the loop as a value");
            args.named.emplace_back(name, std::move(v));
        }
        return args;
    }
    result<value> filter(const node& n) {
        QSLIP_TRY(const auto input, evaluate(n.kids[0]));
        QSLIP_TRY(auto args, arguments(n));
        return on_line(n, apply_filter(n.text, input, std::move(args), costs_));
    }
    result<value> test(const node& n) {
        QSLIP_TRY(const auto v, evaluate(n.kids[0]));
        QSLIP_TRY(auto args, arguments(n));
        const auto holds = apply_test(n.text, v, std::move(args), costs_);
        if (!holds) return on_line(n, holds.status());
        return value{*holds != n.negated};
    }

    result<value> call(const node& n) {
        QSLIP_TRY(const auto callee, evaluate(n.kids[0]));
        QSLIP_TRY(auto args, arguments(n));
        if (const auto* m = callee.as<macro>()) return call_macro(n, at(m->node), std::move(args));
        const auto* f = callee.as<function>();
        if (f && f->self) return on_line(n, call_method(*f->self, f->name, std::move(args), costs_));
        if (f && f->name == "range") return range(n, std::move(args));
        if (f && f->name == "namespace") return make_space(n, args);
        if (f && f->name == "dict") return dict_call(n, args);
        if (f) return raise(n, args);
        if (const auto* u = callee.as<undefined>())
            return fault(n, errc::unsupported, "function " + qslip::quoted(u->what));
        return fault(n, errc::schema, "a call of " + type_name(callee));
    }

    status raise(const node& n, const call_arguments& args) {
        auto why = args.at.empty() ? result<text>(text()) : to_text(args.at[0]);
        return fault(
            n, errc::arg,
            "the template refuses the messages: " + qslip::quoted(why ? why->bytes() : std::string(), 256));
    }
    result<value> make_space(const node& n, const call_arguments& args) {
        if (!args.at.empty()) return fault(n, errc::unsupported, "namespace with a positional argument");
        spaces_.push_back(std::make_unique<space>());
        for (const auto& [name, v] : args.named) spaces_.back()->members.insert_or_assign(name, v);
        return value{spaces_.back().get()};
    }
    result<value> dict_call(const node& n, const call_arguments& args) {
        if (!args.at.empty()) return fault(n, errc::unsupported, "dict with a positional argument");
        std::vector<std::pair<text, value>> members;
        for (const auto& [name, v] : args.named) put(members, text(name, false), v);
        return on_line(n, costs_.made(make_dict(std::move(members))));
    }
    result<value> range(const node& n, const call_arguments& args) {
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

    result<value> call_macro(const node& n, const node& m, call_arguments args) {
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
    status bind(const node& n, const node& m, call_arguments& args) {
        for (std::size_t i = 0; i < m.names.size(); ++i) {
            if (auto given = args.take(i, m.names[i])) {
                scopes_.back().insert_or_assign(m.names[i], *std::move(given));
            } else if (m.kids[i] != no_node) {
                QSLIP_TRY(auto v, evaluate(m.kids[i]));
                scopes_.back().insert_or_assign(m.names[i], std::move(v));
            } else {
                scopes_.back().insert_or_assign(m.names[i], value{undefined{m.names[i]}});
            }
        }
        return on_line(n, args.done());
    }

    const tree& tree_;
    budget costs_;
    const limits& lim_;
    scope globals_;
    std::vector<scope> scopes_;  // the template's own first
    std::size_t frame_ = 0;      // the running macro's first scope
    std::vector<std::unique_ptr<space>> spaces_;
    text out_;
    flow flow_ = flow::on;
    unsigned depth_ = 0;
};

}  // namespace

result<text> render_tree(const tree& t, const std::vector<std::pair<std::string, value>>& variables,
                         const limits& lim) {
    return rendering(t, lim).run(variables);
}

}  // namespace qslip::chat
