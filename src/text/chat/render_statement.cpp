#include <qslip/detail/core/quote.hpp>

#include "text/chat/rendering.hpp"
#include "text/chat/value_text.hpp"

namespace qslip::chat {

status rendering::execute(std::uint32_t i) {
    const deeper d(depth_);
    const node& n = at(i);
    QSLIP_CHECK(enter(n));
    switch (n.kind) {
        case kind::block: return block(n);
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

status rendering::block(const node& n) {
    for (const auto kid : n.kids) {
        QSLIP_CHECK(execute(kid));
        if (flow_ != flow::on) break;
    }
    return {};
}

status rendering::print(const node& n, const text& t) {
    QSLIP_CHECK(on_line(n, costs_.charge(text_weight(t.size()))));
    const auto most = costs_.max_string_bytes();
    if (t.size() > most || out_.size() > most - t.size())
        return fault(n, errc::limit, "the prompt is longer than " + std::to_string(most) + " bytes");
    out_ += t;
    return {};
}
status rendering::output(const node& n) {
    QSLIP_TRY(const auto v, evaluate(n.kids[0]));
    const auto t = to_text(v, costs_);
    return t ? print(n, *t) : on_line(n, t.status());
}

status rendering::if_else(const node& n) {
    for (std::size_t i = 0; i < n.kids.size(); i += 2) {
        if (i + 1 == n.kids.size()) return execute(n.kids[i]);
        QSLIP_TRY(const auto condition, evaluate(n.kids[i]));
        if (truthy(condition)) return execute(n.kids[i + 1]);
    }
    return {};
}

/// Names taken apart from one item.
status rendering::assign(const node& n, const value& item) {
    if (n.names.size() == 1) {
        scopes_.back().insert_or_assign(n.names[0], item);
        return {};
    }
    const auto parts = items_of(item, costs_);
    if (!parts) return on_line(n, parts.status());
    if (parts->size() != n.names.size())
        return fault(
            n, errc::schema,
            std::to_string(n.names.size()) + " names for " + std::to_string(parts->size()) + " values");
    for (std::size_t i = 0; i < n.names.size(); ++i) scopes_.back().insert_or_assign(n.names[i], (*parts)[i]);
    return {};
}

/// Does the loop's filter take the item?
result<bool> rendering::keeps(const node& n, const value& item) {
    scopes_.emplace_back();
    const auto assigned = assign(n, item);
    const auto keep = assigned.ok() ? evaluate(n.kids[1]) : result<value>(assigned);
    scopes_.pop_back();
    if (!keep) return keep.status();
    return truthy(*keep);
}
result<std::vector<value>> rendering::loop_items(const node& n) {
    QSLIP_TRY(const auto over, evaluate(n.kids[0]));
    auto items = items_of(over, costs_);
    if (!items || n.kids[1] == no_node) return on_line(n, std::move(items));
    std::vector<value> kept;
    for (auto& item : *items) {
        QSLIP_TRY(const bool keep, keeps(n, item));
        if (keep) kept.push_back(std::move(item));
    }
    return kept;
}

status rendering::for_each(const node& n) {
    QSLIP_TRY(auto items, loop_items(n));
    if (items.empty()) return n.kids[3] == no_node ? status() : execute(n.kids[3]);
    loop_state loop;
    loop.items = std::move(items);
    for (; loop.index < loop.items.size(); ++loop.index) {
        QSLIP_CHECK(one_turn(n, loop));
        const bool leave = flow_ == flow::leave;
        flow_ = flow::on;
        if (leave) break;
    }
    return {};
}
status rendering::one_turn(const node& n, loop_state& loop) {
    scopes_.emplace_back();
    scopes_.back().emplace("loop", value{&loop});
    auto done = assign(n, loop.items[loop.index]);
    if (done.ok()) done = execute(n.kids[2]);
    scopes_.pop_back();
    return done;
}

status rendering::set_names(const node& n) {
    QSLIP_TRY(const auto v, evaluate(n.kids[0]));
    if (n.names.size() == 1 && holds_loop(v))
        return fault(n, errc::unsupported, "a name for the loop itself");
    return assign(n, v);
}

status rendering::set_member(const node& n) {
    QSLIP_TRY(auto v, evaluate(n.kids[0]));
    const auto* found = find(n.names[0]);
    const auto* s = found ? found->as<space*>() : nullptr;
    if (!s) return fault(n, errc::schema, qslip::quoted(n.names[0]) + " is no namespace");
    if (holds_loop(v)) return fault(n, errc::unsupported, "a name for the loop itself");
    (*s)->members.insert_or_assign(n.names[1], std::move(v));
    return {};
}

/// What a block prints, as a value.
result<value> rendering::captured(const node& n, std::uint32_t body) {
    auto outer = std::exchange(out_, text());
    const auto done = execute(body);
    auto inner = std::exchange(out_, std::move(outer));
    QSLIP_CHECK(done);
    return on_line(n, costs_.made(std::move(inner)));
}
status rendering::set_block(const node& n) {
    scopes_.emplace_back();
    auto v = captured(n, n.kids[0]);
    scopes_.pop_back();
    if (v) scopes_.back().insert_or_assign(n.names[0], *std::move(v));
    return v.status();
}

}  // namespace qslip::chat
