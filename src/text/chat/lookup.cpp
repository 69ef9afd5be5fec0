#include "text/chat/lookup.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/utf8.hpp>

#include "text/chat/strings.hpp"

namespace qslip::chat {

status wrong_type(const std::string& must, const value& v) {
    const auto* u = v.as<undefined>();
    return {errc::schema,
            must + ", got " +
                (u && !u->what.empty() ? qslip::quoted(u->what) + ", which is undefined" : type_name(v))};
}

result<std::vector<value>> items_of(const value& v, budget& costs) {
    if (v.is_undefined()) return std::vector<value>();
    if (const auto* l = v.items()) {
        QSLIP_CHECK(costs.charge(1 + l->items.size()));
        return l->items;
    }
    if (const auto* s = v.string()) {
        QSLIP_CHECK(costs.charge(1 + part_cost * s->size()));
        return characters(*s);
    }
    if (const auto* d = v.members()) {
        QSLIP_CHECK(costs.charge(d->keys_weight));
        std::vector<value> keys;
        for (const auto& [key, item] : d->members) keys.push_back(make_text(key));
        return keys;
    }
    return wrong_type("a list is needed here", v);
}

/// Of looking for a key among n members: those of its length are compared byte by byte.
static std::uint64_t lookup_cost(std::size_t n, std::size_t key_bytes) {
    return 1 + (n + 7) / 8 * (1 + key_bytes / 64);
}

result<const value*> find_member(const dict& d, std::string_view key, budget& costs) {
    QSLIP_CHECK(costs.charge(lookup_cost(d.members.size(), key.size())));
    for (const auto& [name, item] : d.members)
        if (name.bytes() == key) return &item;
    return nullptr;
}

status put_member(std::vector<std::pair<text, value>>& members, const text& key, value v, budget& costs) {
    QSLIP_CHECK(costs.charge(lookup_cost(members.size(), key.size()) + text_weight(key.size())));
    for (auto& [name, item] : members)
        if (name.bytes() == key.bytes()) {
            item = std::move(v);
            return {};
        }
    members.emplace_back(key, std::move(v));
    return {};
}

static result<value> character_at(const text& s, std::int64_t i, budget& costs) {
    QSLIP_CHECK(costs.charge(text_weight(s.size())));
    const auto n = static_cast<std::int64_t>(n_code_points(s.bytes()));
    if (i < 0) i += n;
    if (i < 0 || i >= n) return value{undefined{"a character"}};
    std::size_t at = 0;
    const std::string_view bytes = s.bytes();
    const auto width = [&] { return std::max<std::size_t>(1, utf8_char_bytes(bytes.substr(at))); };
    for (; i > 0; --i) at += width();
    return make_text(s.substr(at, width()));
}

static result<value> item_at(const list& l, std::int64_t i) {
    const auto n = static_cast<std::int64_t>(l.items.size());
    if (i < 0) i += n;
    if (i < 0 || i >= n) return value{undefined{"an item"}};
    return l.items[static_cast<std::size_t>(i)];
}

result<value> get_item(const value& of, const value& key, budget& costs) {
    if (of.is_undefined()) return wrong_type("an item is taken", of);
    QSLIP_CHECK(costs.charge(key.string() ? key.weight() : 1));
    const auto* name = key.string();
    const auto missing = [&] { return value{undefined{name ? name->bytes() : "an item"}}; };
    if (const auto* s = of.as<space*>()) {
        const auto found = name ? (*s)->members.find(name->bytes()) : (*s)->members.end();
        return found == (*s)->members.end() ? missing() : found->second;
    }
    if (const auto* d = of.members()) {
        if (!name) return missing();
        QSLIP_TRY(const auto* found, find_member(*d, name->bytes(), costs));
        return found ? *found : missing();
    }
    const auto* i = key.as<std::int64_t>();
    if (i && of.string()) return character_at(*of.string(), *i, costs);
    return i && of.items() ? item_at(*of.items(), *i) : result<value>(missing());
}

result<bool> contains(const value& container, const value& item, budget& costs) {
    if (const auto* s = container.string()) {
        if (!item.string()) return wrong_type("a string is looked for in a string", item);
        QSLIP_CHECK(costs.charge(search_cost(s->size(), item.string()->size())));
        return s->bytes().find(item.string()->bytes()) != std::string::npos;
    }
    if (const auto* d = container.members()) {
        if (!item.string()) return false;
        QSLIP_TRY(const auto* found, find_member(*d, item.string()->bytes(), costs));
        return found != nullptr;
    }
    QSLIP_TRY(const auto items, items_of(container, costs));
    for (const auto& other : items) {
        QSLIP_TRY(const bool found, equal(other, item, costs));
        if (found) return true;
    }
    return false;
}

namespace {

using pairs = std::vector<std::pair<const value*, const value*>>;

bool add_items(const list& a, const list& b, pairs& rest) {
    if (a.items.size() != b.items.size() || a.is_tuple != b.is_tuple) return false;
    for (std::size_t i = a.items.size(); i-- > 0;) rest.emplace_back(&a.items[i], &b.items[i]);
    return true;
}
result<bool> add_members(const dict& a, const dict& b, pairs& rest, budget& costs) {
    if (a.members.size() != b.members.size()) return false;
    for (const auto& [key, item] : a.members) {
        QSLIP_TRY(const auto* other, find_member(b, key.bytes(), costs));
        if (!other) return false;
        rest.emplace_back(&item, other);
    }
    return true;
}
/// What the two hold goes to `rest`.
result<bool> equal_but_for(const value& a, const value& b, pairs& rest, budget& costs) {
    if (a.is_number() && b.is_number()) {
        const auto *i = a.as<std::int64_t>(), *j = b.as<std::int64_t>();
        return i && j ? *i == *j : real_number(a) == real_number(b);
    }
    if (a.v.index() != b.v.index()) return false;
    if (const auto* s = a.string()) {
        QSLIP_CHECK(costs.charge(std::min(a.weight(), b.weight())));
        return s->bytes() == b.string()->bytes();
    }
    if (const auto* d = a.members()) return add_members(*d, *b.members(), rest, costs);
    if (const auto* l = a.items()) return add_items(*l, *b.items(), rest);
    if (const auto* s = a.as<space*>()) return *s == *b.as<space*>();
    return a.is_undefined() || a.as<none>();
}

}  // namespace

result<bool> equal(const value& a, const value& b, budget& costs) {
    pairs rest;
    QSLIP_TRY(bool same, equal_but_for(a, b, rest, costs));
    while (same && !rest.empty()) {
        QSLIP_CHECK(costs.charge(1));
        const auto [x, y] = rest.back();
        rest.pop_back();
        QSLIP_TRY(same, equal_but_for(*x, *y, rest, costs));
    }
    return same;
}

result<int> compare_order(const value& a, const value& b) {
    const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
    if (a.string() && b.string()) return order(a.string()->bytes(), b.string()->bytes());
    if (a.as<std::int64_t>() && b.as<std::int64_t>())
        return order(*a.as<std::int64_t>(), *b.as<std::int64_t>());
    if (a.is_number() && b.is_number()) return order(real_number(a), real_number(b));
    return status(errc::schema, "cannot order " + type_name(a) + " and " + type_name(b));
}

result<bool> holds_between(std::string_view op, const value& a, const value& b, budget& costs) {
    if (op == "==" || op == "!=") {
        QSLIP_TRY(const bool same, equal(a, b, costs));
        return same == (op == "==");
    }
    QSLIP_CHECK(costs.charge(std::min(a.weight(), b.weight())));
    QSLIP_TRY(const int order, compare_order(a, b));
    return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
}

}  // namespace qslip::chat
