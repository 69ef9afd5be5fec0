#pragma once
// Keywords about one value by itself: type, const, enum, numbers, strings, sizes, required.
#include <algorithm>

#include "schema/evaluator.hpp"
#include "schema/text_format.hpp"
#include "schema/value_set.hpp"

namespace qslip::schema {

/// Asked only of kinds outside the allowed ones: what is left is a decimal that may be whole.
inline bool evaluation::type_ok(const instruction& i, const value_node& v) {
    if (v.kind != kind::decimal || (i.flag & number_kinds) != kind_bit(kind::integer)) return false;
    if (i.a == 2) return v.view().find_first_of(".eE") == std::string_view::npos;
    return charge(v.size / 16) && decimal::of(v).is_whole();
}

/// a: decimal; flag: b, c are the same as a 64-bit integer.
inline bool evaluation::bound_ok(const instruction& i, const value_node& v) {
    int order = 0;
    if (i.flag && v.kind == kind::integer) {
        const auto b = static_cast<std::int64_t>(static_cast<std::uint64_t>(i.b) << 32 | i.c);
        if (i.op == op::multiple_of) return v.whole % b == 0;
        order = v.whole < b ? -1 : v.whole > b;
    } else {
        const auto d = decimal::of(v);
        charge(d.digits.size() / 16 + 1);
        if (i.op == op::multiple_of) {
            const auto q = is_multiple(d, p_.decimals[i.a], budget_ - std::min(budget_, steps_));
            charge(q.steps);
            return q.multiple;
        }
        order = compare(d, p_.decimals[i.a]);
    }
    switch (i.op) {
        case op::maximum: return order <= 0;
        case op::exclusive_maximum: return order < 0;
        case op::minimum: return order >= 0;
        default: return order > 0;
    }
}

inline bool evaluation::listed(const value_list& list, std::uint32_t at) {
    constexpr std::size_t few = 4;
    const auto& there = p_.documents[list.doc].tree;
    auto found = list.by_hash.begin();
    std::uint64_t hash = 0;
    const bool hashed = list.by_hash.size() > few;
    if (hashed) {
        hash = hash_value(tree_, at, scratch_);
        if (!charge((tree_[at].next - at) / 8)) return false;
        found = std::lower_bound(found, list.by_hash.end(), std::pair<std::uint64_t, std::uint32_t>(hash, 0));
    }
    for (; found != list.by_hash.end() && (!hashed || found->first == hash); ++found) {
        const auto &v = tree_[at], &w = there[found->second];
        if (v.kind == kind::string) {  // by far the most
            if (!charge(1)) return false;
            if (w.kind == kind::string && same_text(v.view(), w.view())) return true;
            continue;
        }
        std::uint64_t cost = 0;
        const bool same = order(tree_, at, there, found->second, cost) == 0;
        if (!charge(cost)) return false;
        if (same) return true;
    }
    return false;
}

inline bool evaluation::unique(std::uint32_t at) {
    const auto left = budget_ - std::min(budget_, steps_);
    std::uint64_t cost = 0;
    const bool ok = all_unique(tree_, at, scratch_, left, cost);
    return charge(cost) && ok;
}

inline bool evaluation::matches(std::uint32_t pattern, std::string_view text) {
    matching_.budget = budget_;
    matching_.steps = steps_;
    const auto found = p_.patterns[pattern].matches(text, matching_);
    steps_ = matching_.steps;
    if (!found) stop(found.status().code(), found.status().message());
    return found && *found;
}

inline bool evaluation::content_ok(const instruction& i, const value_node& v) {
    std::string bytes;
    if (!charge(v.size / 4) || !decode(v.view(), static_cast<text_encoding>(i.flag), bytes)) return false;
    return i.a == 0 || json_tree().parse(bytes, p_.options.limits).ok();
}

inline bool evaluation::has_required(const members_table& t, std::uint32_t at) {
    if (tree_[at].size < t.n_required || !charge(tree_[at].size / 4)) return false;
    std::uint32_t met = 0;
    for (auto key = at + 1; key < tree_[at].next && met < t.n_required; key = tree_[key + 1].next)
        met += t.find(tree_[key]) != nullptr;
    return met == t.n_required;
}

/// As `required` does, it says nothing of what is no object.
inline bool evaluation::has_any(const members_table& t, std::uint32_t at) {
    if (tree_[at].kind != kind::object) return true;
    if (!charge(tree_[at].size / 4)) return false;
    for (auto key = at + 1; key < tree_[at].next; key = tree_[key + 1].next)
        if (t.find(tree_[key]) != nullptr) return true;
    return false;
}

inline std::uint32_t characters(std::string_view text) {
    std::uint32_t n = 0;
    for (const char c : text) n += (c & 0xC0) != 0x80;
    return n;
}

/// `v` is of one of i.kinds.
inline bool evaluation::value_ok(const instruction& i, const value_node& v, std::uint32_t at) {
    switch (i.op) {
        case op::never: return false;
        case op::type: return type_ok(i, v);
        case op::const_:
        case op::enum_: return listed(p_.values[i.a], at);
        case op::max_length: return v.size <= i.a || characters(v.view()) <= i.a;
        // A character has at most four bytes.
        case op::min_length: return v.size >= i.a && (v.size / 4 >= i.a || characters(v.view()) >= i.a);
        case op::pattern: return matches(i.a, v.view());
        case op::format:
            return charge(v.size / 8 + 8) && has_format(v.view(), static_cast<text_format>(i.flag));
        case op::content: return content_ok(i, v);
        case op::max_items:
        case op::max_properties: return v.size <= i.a;
        case op::min_items:
        case op::min_properties: return v.size >= i.a;
        case op::required: return has_required(p_.tables[i.a], at);
        case op::unique_items: return unique(at);
        default: return bound_ok(i, v);
    }
}

}  // namespace qslip::schema
