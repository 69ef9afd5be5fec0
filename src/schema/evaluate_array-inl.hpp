#pragma once
// Keywords that go through an array's items.
#include "schema/evaluator.hpp"

namespace qslip::schema {

/// prefixItems, items, additionalItems. a: list of the first items' schemas, b: schema of the rest.
/// child: the item at hand, step: its index.
template <bool all_faults>
answer machine<all_faults>::items(const instruction& i) {
    frame* f = &top();
    const auto n_first = i.a == none ? 0 : p_.lists[i.a];
    const auto end = tree_[f->at].next;
    if (f->child == 0) f->child = f->at + 1;
    while (f->child < end) {
        const auto at = f->child;
        const auto schema = f->step < n_first ? p_.lists[i.a + 1 + f->step] : i.b;
        if (schema == none) break;
        const auto got = ask(schema, at);
        if (got == answer::pending) return got;
        f = &top();
        if (got == answer::no) {
            if (!all_faults) return got;
            f->ok = false;
        }
        if (f->collect) evaluated_.push_back(at);
        ++f->step;
        f->child = tree_[at].next;
    }
    return answer::yes;
}

/// a: schema, b: least, c: most; flag: a match counts as evaluated. child: the item at hand, count: matches.
template <bool all_faults>
answer machine<all_faults>::contains(const instruction& i) {
    frame* f = &top();
    if (f->child == 0) f->child = f->at + 1;
    while (f->child < tree_[f->at].next) {
        const auto at = f->child;
        const auto got = ask(i.a, at);
        if (got == answer::pending) return got;
        f = &top();
        if (got == answer::yes) {
            ++f->count;
            if (f->collect && i.flag) evaluated_.push_back(at);
        }
        f->child = tree_[at].next;
    }
    if (all_faults) drop_errors();
    if (f->count >= i.b && f->count <= i.c) return answer::yes;
    if (all_faults) report(i, f->at, std::to_string(f->count) + " items match");
    return answer::no;
}

}  // namespace qslip::schema
