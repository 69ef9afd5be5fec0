#include <algorithm>

#include "text/chat/filters.hpp"
#include "text/chat/rendering.hpp"

namespace qslip::chat {

result<value> rendering::loop_member(const node& n, const loop_state& loop) {
    const auto i = static_cast<std::int64_t>(loop.index), size = static_cast<std::int64_t>(loop.items.size());
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
        return loop.items[static_cast<std::size_t>(other)];
    }
    return fault(n, errc::unsupported, "loop." + name);
}

static value method_of(const value& of, const std::string& name) {
    return {function{name, std::make_shared<const value>(of)}};
}

result<value> rendering::member(const node& n, const value& of) {
    if (const auto* loop = of.as<loop_state*>()) return loop_member(n, **loop);
    const auto method = has_method(of, n.text);
    if (!method) return on_line(n, method.status());
    return *method ? method_of(of, n.text) : on_line(n, get_item(of, make_text(n.text), costs_));
}

result<value> rendering::index(const node& n, const value& of) {
    QSLIP_TRY(const auto key, evaluate(n.kids[0]));
    if (holds_loop(of)) return fault(n, errc::unsupported, "a subscript of the loop");
    auto found = on_line(n, get_item(of, key, costs_));
    if (!found || !found->is_undefined() || !key.string()) return found;
    const auto& name = key.string()->bytes();  // d['items'] where no member has the name
    const auto method = has_method(of, name);
    return method && *method ? method_of(of, name) : found;
}

/// Python's: positions from `start` up or down to `stop`, negative ones from the end.
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

static result<value> sliced(const value& of, const std::optional<std::int64_t> (&ends)[3], budget& costs) {
    if (!of.items() && !of.string()) return status(errc::schema, "a slice of " + type_name(of));
    const auto step = ends[2].value_or(1);
    if (step == 0) return status(errc::schema, "a slice step of zero");
    QSLIP_TRY(const auto items, items_of(of, costs));
    std::vector<value> kept;
    for (const auto i : positions(static_cast<std::int64_t>(items.size()), ends[0], ends[1], step))
        kept.push_back(items[static_cast<std::size_t>(i)]);
    if (of.items()) return costs.made(make_list(std::move(kept), of.items()->is_tuple));
    text out;
    for (const auto& c : kept) out += *c.string();
    return costs.made(std::move(out));
}

/// Positions of strings count characters.
result<value> rendering::slice(const node& n, const value& of) {
    std::optional<std::int64_t> ends[3];
    for (std::size_t i = 0; i < 3; ++i) {
        if (n.kids[i] == no_node) continue;
        QSLIP_TRY(const auto v, evaluate(n.kids[i]));
        if (v.as<none>()) continue;
        if (!v.as<std::int64_t>()) return fault(n, errc::schema, "a slice bound that is " + type_name(v));
        ends[i] = *v.as<std::int64_t>();
    }
    return on_line(n, sliced(of, ends, costs_));
}

}  // namespace qslip::chat
