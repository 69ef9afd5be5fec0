#pragma once
// Keywords that go through an object's members.

#include <qslip/detail/core/quote.hpp>

#include "schema/evaluator.hpp"

namespace qslip::schema {

/// properties, patternProperties, additionalProperties, required.
/// child: the key at hand (0: not begun); count: required ones met; step: see member_of_patterns.
template <bool all_faults>
answer machine<all_faults>::members(const members_table& t, const instruction& i) {
    frame* f = &top();
    if (f->child == 0) {
        f->child = f->at + 1;
        if (tree_[f->at].size < t.n_required && !all_faults) return answer::no;
        if (!charge(tree_[f->at].size / 4)) return answer::no;
    }
    const auto end = tree_[f->at].next;
    for (auto key = f->child; key < end; key = f->child) {
        answer got = answer::yes;
        if (f->waiting && t.patterns.empty()) {
            f->waiting = false;
            got = last_ ? answer::yes : answer::no;
        } else {
            const auto* m = t.find(tree_[key]);
            if (t.patterns.empty()) {
                if (m) f->count += m->required;
                const auto schema = m && m->child != none ? m->child : t.additional;
                if (schema == none) {
                    f->child = tree_[key + 1].next;
                    continue;
                }
                got = call(schema, key + 1);
            } else {
                got = member_of_patterns(t, m, key);
            }
            if (got == answer::pending) return got;
            f = &top();
        }
        if (got == answer::no) {
            if (!all_faults) return got;
            f->ok = false;
        } else if (f->collect && t.patterns.empty()) {
            evaluated_.push_back(key + 1);
        }
        f->child = tree_[key + 1].next;
    }
    if (f->count == t.n_required) return answer::yes;
    if (all_faults) report_missing(t, i);
    return answer::no;
}

/// One member where several schemas may apply. step: 0: properties, then one for each pattern.
template <bool all_faults>
answer machine<all_faults>::member_of_patterns(const members_table& t, const member* m, std::uint32_t key) {
    bool known = m && m->child != none, ok = true;
    const auto one = [&](std::uint32_t schema) {
        const auto got = ask(schema, key + 1);
        if (got == answer::yes && top().collect) evaluated_.push_back(key + 1);
        if (got == answer::no) ok = top().ok = false;
        return got;
    };
    if (top().step == 0) {
        if (known && one(m->child) == answer::pending) return answer::pending;
        if (m) top().count += m->required;
        top().step = 1;
    }
    for (std::uint32_t n = 0; n < t.patterns.size() && (ok || all_faults); ++n) {
        const auto [pattern, schema] = t.patterns[n];
        const bool done = top().step > n + 1;
        if ((done && known) || !charge(1) || !matches(pattern, tree_[key].view())) continue;
        known = true;
        if (done) continue;
        if (one(schema) == answer::pending) return answer::pending;
        top().step = n + 2;
    }
    if (failed_) return answer::no;
    if (!known && t.additional != none && one(t.additional) == answer::pending) return answer::pending;
    top().step = 0;
    return ok ? answer::yes : answer::no;
}

/// child: the key at hand.
template <bool all_faults>
answer machine<all_faults>::property_names(const instruction& i) {
    frame* f = &top();
    if (f->child == 0) f->child = f->at + 1;
    while (f->child < tree_[f->at].next) {
        const auto got = ask(i.a, f->child);
        if (got == answer::pending) return got;
        f = &top();
        if (got == answer::no) f->ok = false;
        if (got == answer::no && !all_faults) return got;
        f->child = tree_[f->child + 1].next;
    }
    return answer::yes;
}

/// a: dependency.
template <bool all_faults>
answer machine<all_faults>::dependent_required(const instruction& i) {
    const auto& d = p_.dependencies[i.a];
    const auto at = top().at;
    const auto cost = tree_[at].size + 1;
    if (!charge(cost) || tree_.find(at, d.key) == none) return answer::yes;
    bool ok = true;
    for (const auto& key : d.needs) {
        if (!charge(cost)) return answer::no;
        if (tree_.find(at, key) != none) continue;
        ok = false;
        if (all_faults) report(i, at, quoted(d.key) + " asks for " + quoted(key) + ", which is missing");
    }
    return ok ? answer::yes : answer::no;
}

/// dependentSchemas: a: name of the member, b: schema. propertyDependencies: c: name that is its value, too.
template <bool all_faults>
answer machine<all_faults>::dependent(const instruction& i) {
    const auto at = top().at;
    if (!charge(tree_[at].size + 1)) return answer::no;
    const auto member = tree_.find(at, p_.names[i.a]);
    if (member == none) return answer::yes;
    if (i.op == op::property_dependency &&
        (tree_[member].kind != kind::string || tree_[member].view() != p_.names[i.c]))
        return answer::yes;
    return ask(i.b, at);
}

}  // namespace qslip::schema
