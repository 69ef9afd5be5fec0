#pragma once
// Keywords that put further schemas to the same instance, and what those left unevaluated.
#include <qslip/detail/core/quote.hpp>

#include <algorithm>

#include "schema/evaluator.hpp"

namespace qslip::schema {

/// allOf, anyOf, oneOf: a: list of schemas; not: a: schema. anyOf: b: table of the members one of which is
/// all it asks for, or none. step: the one at hand, count: how many match.
template <bool all_faults>
answer machine<all_faults>::logic(const instruction& i) {
    frame* f = &top();
    if (!all_faults && i.op == op::any_of && i.b != none)
        return has_any(p_.tables[i.b], f->at) ? answer::yes : answer::no;
    const bool single = i.op == op::not_;
    const auto n = single ? 1 : p_.lists[i.a];
    while (f->step < n) {
        const auto got = ask(single ? i.a : p_.lists[i.a + 1 + f->step], f->at);
        if (got == answer::pending) return got;
        f = &top();
        ++f->step;
        if (got == answer::yes) ++f->count;
        if (all_faults) continue;
        if (got == answer::no && i.op == op::all_of) return got;
        if (got == answer::yes && i.op == op::any_of && !f->collect) return got;
        if (f->count > 1 && i.op == op::one_of) return answer::no;
    }
    const auto yes = f->count;
    const bool ok = i.op == op::all_of   ? yes == n
                    : i.op == op::any_of ? yes > 0
                    : i.op == op::one_of ? yes == 1
                                         : yes == 0;
    if (!all_faults || i.op == op::all_of) return ok ? answer::yes : answer::no;
    if (yes > 0 || ok) drop_errors();
    if (!ok)
        report(i, f->at, std::to_string(yes) + " of " + std::to_string(n) + " subschemas match",
               static_cast<std::uint32_t>(errors_.size()) - f->errors);
    return ok ? answer::yes : answer::no;
}

/// a, b, c: the schemas of if, then, else. step: 1: it holds, 2: it does not.
template <bool all_faults>
answer machine<all_faults>::conditional(const instruction& i) {
    const auto at = top().at;
    if (top().step == 0) {
        const auto got = ask(i.a, at);
        if (got == answer::pending) return got;
        if (all_faults) drop_errors();
        top().step = got == answer::yes ? 1 : 2;
    }
    const auto next = top().step == 1 ? i.b : i.c;
    return next == none ? answer::yes : ask(next, at);
}

/// The outermost resource entered so far that has the anchor (2019-09: is marked recursive) is meant.
inline std::uint32_t evaluation::dynamic_target(const instruction& i) const {
    for (std::uint32_t n = 1; n <= depth_; ++n) {
        const auto resource_id = p_.nodes[frames_[n].schema].resource;
        if (i.op == op::recursive_ref) {
            const auto found = p_.recursive_targets.find(resource_id);
            if (found != p_.recursive_targets.end()) return found->second;
            continue;
        }
        const auto found = p_.dynamic_targets.find(static_cast<std::uint64_t>(resource_id) << 32 | i.b);
        if (found != p_.dynamic_targets.end()) return found->second;
    }
    return i.a;
}
/// a: the target without dynamic scope, b: the anchor's name.
template <bool all_faults>
answer machine<all_faults>::dynamic_reference(const instruction& i) {
    if (top().waiting) return ask(0, 0);
    if (!charge(depth_ / 16)) return answer::no;
    const auto target = dynamic_target(i);
    if (target != none) return ask(target, top().at);
    return stop(errc::schema,
                "$dynamicRef to " + quoted(p_.names[i.b]) + " finds no such anchor in its dynamic scope");
}

/// unevaluatedItems, unevaluatedProperties: a: schema of the children no subschema said it evaluated.
/// child: the one at hand; count: end of what was said, sorted so that it can be searched.
template <bool all_faults>
answer machine<all_faults>::unevaluated(const instruction& i) {
    frame* f = &top();
    if (!f->ok) return answer::yes;
    const std::uint32_t stride = i.op == op::unevaluated_properties ? 1 : 0;
    if (f->child == 0) {
        f->child = f->at + 1 + stride;
        std::sort(evaluated_.begin() + f->evaluated, evaluated_.end());
        f->count = static_cast<std::uint32_t>(evaluated_.size());
        if (!charge(f->count - f->evaluated + tree_[f->at].size / 4)) return answer::no;
    }
    while (f->child < tree_[f->at].next) {
        const auto at = f->child;
        const auto said = evaluated_.begin() + f->evaluated;
        const bool known = std::binary_search(said, evaluated_.begin() + f->count, at);
        const auto got = known ? answer::yes : ask(i.a, at);
        if (got == answer::pending) return got;
        f = &top();
        if (got == answer::no) f->ok = false;
        if (got == answer::no && !all_faults) return got;
        if (!known && got == answer::yes) evaluated_.push_back(at);
        f->child = tree_[at].next + stride;
    }
    return answer::yes;
}

}  // namespace qslip::schema
