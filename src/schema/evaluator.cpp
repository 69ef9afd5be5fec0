#include "schema/evaluator.hpp"

#include <algorithm>
#include <qslip/core/quote.hpp>

#include "schema/text_format.hpp"
#include "schema/value_set.hpp"

namespace qslip::schema {

bool evaluator::charge(std::uint64_t n) {
    steps_ += n;
    if (steps_ > p_.options.lim.schema_steps && failure_.ok())
        stop(errc::budget, "validation took more than " + std::to_string(p_.options.lim.schema_steps) +
                               " steps (limit schema_steps)");
    return failure_.ok();
}

std::string evaluator::keyword_location() const {
    std::string out;
    for (std::size_t f = 0; f < frames_.size(); ++f) {
        if (f == 0) continue;
        const auto& call = p_.code[frames_[f - 1].pc];
        if (call.op == op::ref || call.op == op::dynamic_ref || call.op == op::recursive_ref) {
            out += "/" + std::string(info(call.word).name);
            continue;
        }
        const auto& child = p_.nodes[frames_[f].schema].where;
        const auto& parent = p_.nodes[frames_[f - 1].schema].where;
        const auto& tree = p_.documents[child.doc].tree;
        out += tree.pointer_to(child.node).substr(tree.pointer_to(parent.node).size());
    }
    return out;
}

void evaluator::report(const instruction& i, std::uint32_t at, std::string message, std::uint32_t causes) {
    if (!keep_errors_) return;
    if (errors_.size() >= p_.options.lim.schema_errors_kept) {
        cut_ = true;
        return;
    }
    error e;
    const auto& node = p_.nodes[frames_.back().schema];
    const std::string word = i.word == keyword::count ? "" : std::string(info(i.word).name);
    const auto suffix = word.empty() ? "" : "/" + word;
    const auto& tree = p_.documents[node.where.doc].tree;
    const auto root = tree.pointer_to(p_.resources[node.resource].root);
    e.instance_location = tree_.pointer_to(at);
    e.keyword_location = keyword_location() + suffix;
    e.schema_location =
        p_.resources[node.resource].uri + "#" + tree.pointer_to(node.where.node).substr(root.size()) + suffix;
    e.keyword = word;
    e.message = std::move(message);
    e.n_causes = causes;
    errors_.push_back(std::move(e));
}

bool evaluator::type_is(std::uint8_t mask, const value_node& v) const {
    switch (v.kind) {
        case kind::null: return mask & 1;
        case kind::true_:
        case kind::false_: return mask & 2;
        case kind::object: return mask & 4;
        case kind::array: return mask & 8;
        case kind::string: return mask & 32;
        case kind::integer: return mask & (16 | 64);
        case kind::decimal: break;
    }
    if (mask & 16) return true;
    if (!(mask & 64)) return false;
    if (mask & 0x80) return v.view().find_first_of(".eE") == std::string_view::npos;
    return decimal::of(v).is_whole();
}

bool evaluator::bound(const instruction& i, const value_node& v) {
    if (!v.is_number()) return true;
    int order = 0;
    if (i.flag && v.kind == kind::integer) {
        const auto b = static_cast<std::int64_t>(static_cast<std::uint64_t>(i.b) << 32 | i.c);
        if (i.op == op::multiple_of) return v.whole % b == 0;
        order = v.whole < b ? -1 : v.whole > b;
    } else {
        const auto d = decimal::of(v);
        charge(d.digits.size() / 16 + 1);
        if (i.op == op::multiple_of) {
            const auto q = is_multiple(d, p_.decimals[i.a], p_.options.lim.schema_steps);
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

bool evaluator::in_values(const value_list& list, std::uint32_t at) {
    const auto h = hash_value(tree_, at, scratch_);
    charge((tree_[at].next - at) / 8);
    auto found = std::lower_bound(list.by_hash.begin(), list.by_hash.end(),
                                  std::pair<std::uint64_t, std::uint32_t>(h, 0));
    for (; found != list.by_hash.end() && found->first == h; ++found) {
        std::uint64_t cost = 0;
        const bool same = equal(tree_, at, p_.documents[list.doc].tree, found->second, cost);
        charge(cost);
        if (same) return true;
    }
    return false;
}

static std::uint32_t characters(std::string_view text) {
    return static_cast<std::uint32_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool evaluator::formatted(const instruction& i, const value_node& v) {
    return charge(v.size / 8 + 8) && has_format(v.view(), static_cast<text_format>(i.flag));
}
bool evaluator::content(const instruction& i, const value_node& v) {
    std::string bytes;
    if (!charge(v.size / 4) || !decode(v.view(), static_cast<text_encoding>(i.flag), bytes)) return false;
    return i.a == 0 || json_tree().parse(bytes, p_.options.lim).ok();
}

bool evaluator::simple(const instruction& i, std::uint32_t at) {
    const auto& v = tree_[at];
    const bool text = v.kind == kind::string;
    switch (i.op) {
        case op::never: return false;
        case op::type: return type_is(i.flag, v);
        case op::const_:
        case op::enum_: return in_values(p_.values[i.a], at);
        case op::max_length: return !text || v.size <= i.a || characters(v.view()) <= i.a;
        case op::min_length: return !text || (v.size >= i.a && characters(v.view()) >= i.a);
        case op::pattern: {
            if (!text) return true;
            const auto found = p_.patterns[i.a].matches(v.view(), scans_[i.a]);
            if (!found) stop(found.status().code(), found.status().message());
            return found && *found;
        }
        case op::format: return !text || formatted(i, v);
        case op::content: return !text || content(i, v);
        case op::max_items: return v.kind != kind::array || v.size <= i.a;
        case op::min_items: return v.kind != kind::array || v.size >= i.a;
        case op::max_properties: return v.kind != kind::object || v.size <= i.a;
        case op::min_properties: return v.kind != kind::object || v.size >= i.a;
        case op::unique_items: {
            std::uint64_t cost = 0;
            const bool ok = v.kind != kind::array || all_unique(tree_, at, scratch_, cost);
            charge(cost);
            return ok;
        }
        default: return bound(i, v);
    }
}

bool evaluator::simple_node(const schema_node& n, std::uint32_t at) {
    for (auto i = n.begin; i < n.end; ++i)
        if (!simple(p_.code[i], at)) return false;
    return true;
}

void evaluator::enter(frame& f, std::uint32_t pc) {
    f.pc = pc;
    f.step = f.child = f.count = 0;
    f.waiting = false;
    f.errors = static_cast<std::uint32_t>(errors_.size());
}

/// Evaluates a subschema at once where that is cheap, else pushes a frame and answers `pending`.
evaluator::answer evaluator::call(std::uint32_t schema, std::uint32_t at) {
    const auto& n = p_.nodes[schema];
    if (!charge(1)) return answer::no;
    if (n.always_true) return answer::yes;
    if (n.simple && !keep_errors_) return simple_node(n, at) ? answer::yes : answer::no;
    const bool same = !frames_.empty() && top().at == at;
    frame made{};
    made.schema = schema;
    made.at = at;
    made.collect = n.unevaluated || (same && top().collect);
    if (n.memo && !made.collect && !keep_errors_)
        if (const auto known = memo_.find(static_cast<std::uint64_t>(schema) << 32 | at);
            known != memo_.end())
            return known->second ? answer::yes : answer::no;
    made.same = same ? top().same + 1 : 0;
    if (made.same > p_.nodes.size() + 1 || frames_.size() > 1000000) {
        stop(errc::schema, "references loop without progress through " + p_.resources[n.resource].uri + "#" +
                               p_.documents[n.where.doc].tree.pointer_to(n.where.node));
        return answer::no;
    }
    made.evaluated = static_cast<std::uint32_t>(evaluated_.size());
    if (!frames_.empty()) top().waiting = true;
    frames_.push_back(made);
    enter(top(), n.begin);
    return answer::pending;
}

/// As call, but gives the answer of a call made before.
evaluator::answer evaluator::ask(std::uint32_t schema, std::uint32_t at) {
    if (top().waiting) {
        top().waiting = false;
        return last_ ? answer::yes : answer::no;
    }
    return call(schema, at);
}

bool evaluator::finish(bool ok) {
    const auto f = top();
    if (p_.nodes[f.schema].memo && !f.collect && !keep_errors_ && failure_.ok())
        memo_.emplace(static_cast<std::uint64_t>(f.schema) << 32 | f.at, ok);
    frames_.pop_back();
    if (!ok || frames_.empty() || top().at != f.at || !top().collect) evaluated_.resize(f.evaluated);
    last_ = ok;
    return ok;
}

result<bool> evaluator::evaluate() {
    frames_.clear();
    evaluated_.clear();
    memo_.clear();
    steps_ = 0;
    failure_ = {};
    const auto first = call(p_.root, 0);
    if (first != answer::pending)
        return failure_.ok() ? result<bool>(first == answer::yes) : result<bool>(failure_);
    while (!frames_.empty()) {
        auto& f = top();
        if (f.pc == p_.nodes[f.schema].end) {
            finish(f.ok);
            continue;
        }
        const auto got = step();
        if (!failure_.ok()) return failure_;
        if (got == answer::pending) continue;
        auto& now = top();
        if (got == answer::no) now.ok = false;
        if (got == answer::no && !keep_errors_)
            finish(false);
        else
            enter(now, now.pc + 1);
    }
    return last_;
}

static const char* type_text(const value_node& v) {
    constexpr const char* names[] = {"null",   "false",  "true",  "integer",
                                     "number", "string", "array", "object"};
    return names[static_cast<std::size_t>(v.kind)];
}

evaluator::answer evaluator::step() {
    auto& f = top();
    const auto& i = p_.code[f.pc];
    const auto& v = tree_[f.at];
    if (i.op <= op::last_simple) {
        charge(1);
        if (simple(i, f.at)) return answer::yes;
        if (keep_errors_)
            report(i, f.at,
                   i.op == op::never
                       ? "nothing is allowed here"
                       : std::string(type_text(v)) + " does not satisfy " + std::string(info(i.word).name));
        return answer::no;
    }
    switch (i.op) {
        case op::members: return v.kind == kind::object ? members(i) : answer::yes;
        case op::property_names: return v.kind == kind::object ? each_child(i, true) : answer::yes;
        case op::dependent_required: {
            const auto& d = p_.dependencies[i.a];
            charge(v.size + 1);
            if (tree_.find(f.at, d.key) == none) return answer::yes;
            bool ok = true;
            for (const auto& key : d.needs) {
                charge(v.size + 1);
                if (tree_.find(f.at, key) != none) continue;
                ok = false;
                report(i, f.at, quoted(d.key) + " asks for " + quoted(key) + ", which is missing");
            }
            return ok ? answer::yes : answer::no;
        }
        case op::dependent_schema:
            charge(v.size + 1);
            return tree_.find(f.at, p_.names[i.a]) == none ? answer::yes : ask(i.b, f.at);
        case op::property_dependency: {
            charge(v.size + 1);
            const auto at = tree_.find(f.at, p_.names[i.a]);
            if (at == none || tree_[at].kind != kind::string || tree_[at].view() != p_.names[i.c])
                return answer::yes;
            return ask(i.b, f.at);
        }
        case op::items: return v.kind == kind::array ? items(i) : answer::yes;
        case op::contains: return v.kind == kind::array ? contains(i) : answer::yes;
        case op::ref: return ask(i.a, f.at);
        case op::dynamic_ref:
        case op::recursive_ref: {
            const auto target = dynamic_target(i);
            if (target != none) return ask(target, f.at);
            stop(errc::schema,
                 "$dynamicRef to " + quoted(p_.names[i.b]) + " finds no such anchor in its dynamic scope");
            return answer::no;
        }
        case op::if_: return conditional(i);
        case op::unevaluated_items: return v.kind == kind::array && f.ok ? unevaluated(i) : answer::yes;
        case op::unevaluated_properties: return v.kind == kind::object && f.ok ? unevaluated(i) : answer::yes;
        default: return logic(i);
    }
}

std::uint32_t evaluator::dynamic_target(const instruction& i) const {
    for (const auto& f : frames_) {
        const auto resource_id = p_.nodes[f.schema].resource;
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

bool evaluator::required_missing(const members_table& t, const instruction& i) {
    if (top().count == t.n_required) return false;
    if (!keep_errors_) return true;
    auto named = i;
    named.word = keyword::required;
    for (const auto& m : t.members)
        if (m.required && charge(tree_[top().at].size + 1) && tree_.find(top().at, m.name) == none)
            report(named, top().at, "member " + quoted(m.name) + " is missing");
    return true;
}

/// child: the key at hand (0: not begun); step: 0 properties, 1.. patterns, then additional; count: required
/// met.
evaluator::answer evaluator::members(const instruction& i) {
    const auto& t = p_.tables[i.a];
    const auto self = frames_.size() - 1;
    const auto end = tree_[top().at].next;
    if (top().child == 0) {
        top().child = top().at + 1;
        if (tree_[top().at].size < t.n_required && !keep_errors_) return answer::no;
    }
    bool ok = true;
    while (frames_[self].child < end) {
        const auto key = frames_[self].child;
        const auto& k = tree_[key];
        const auto* m = t.find(k);
        bool matched = m && m->child != none;
        const auto ask_for = [&](std::uint32_t schema) {
            const auto got = ask(schema, key + 1);
            if (got == answer::yes && frames_[self].collect) evaluated_.push_back(key + 1);
            return got;
        };
        charge(1);
        if (frames_[self].step == 0) {
            if (matched) {
                const auto got = ask_for(m->child);
                if (got == answer::pending) return got;
                if (got == answer::no) ok = frames_[self].ok = false;
            }
            if (m && m->required) ++frames_[self].count;
            frames_[self].step = 1;
        }
        bool by_pattern = matched;
        for (std::uint32_t n = 0; n < t.patterns.size(); ++n) {
            const auto [pattern, schema] = t.patterns[n];
            const auto done = frames_[self].step > n + 1;
            if (done && by_pattern) continue;
            const auto found = p_.patterns[pattern].matches(k.view(), scans_[pattern]);
            charge(1);
            if (!found) return stop(found.status().code(), found.status().message()), answer::no;
            if (!*found) continue;
            by_pattern = true;
            if (done) continue;
            const auto got = ask_for(schema);
            if (got == answer::pending) return got;
            if (got == answer::no) ok = frames_[self].ok = false;
            frames_[self].step = n + 2;
        }
        if (!by_pattern && t.additional != none) {
            const auto got = ask_for(t.additional);
            if (got == answer::pending) return got;
            if (got == answer::no) ok = frames_[self].ok = false;
        }
        if (!failure_.ok() || (!ok && !keep_errors_)) return answer::no;
        frames_[self].step = 0;
        frames_[self].child = tree_[key + 1].next;
    }
    return required_missing(t, i) || !ok ? answer::no : answer::yes;
}

evaluator::answer evaluator::each_child(const instruction& i, bool keys) {
    const auto self = frames_.size() - 1;
    if (frames_[self].child == 0) frames_[self].child = top().at + 1;
    while (frames_[self].child < tree_[frames_[self].at].next) {
        const auto at = frames_[self].child;
        const auto got = ask(i.a, at);
        if (got == answer::pending) return got;
        if (got == answer::no) frames_[self].ok = false;
        if (got == answer::no && !keep_errors_) return got;
        frames_[self].child = keys ? tree_[at + 1].next : tree_[at].next;
    }
    return answer::yes;
}

evaluator::answer evaluator::items(const instruction& i) {
    const auto self = frames_.size() - 1;
    const auto n_first = i.a == none ? 0 : p_.lists[i.a];
    if (frames_[self].child == 0) frames_[self].child = top().at + 1;
    while (frames_[self].child < tree_[frames_[self].at].next) {
        const auto at = frames_[self].child, index = frames_[self].step;
        const auto schema = index < n_first ? p_.lists[i.a + 1 + index] : i.b;
        if (schema == none) break;
        const auto got = ask(schema, at);
        if (got == answer::pending) return got;
        if (got == answer::no) frames_[self].ok = false;
        if (got == answer::no && !keep_errors_) return got;
        if (frames_[self].collect) evaluated_.push_back(at);
        ++frames_[self].step;
        frames_[self].child = tree_[at].next;
    }
    return answer::yes;
}

evaluator::answer evaluator::contains(const instruction& i) {
    const auto self = frames_.size() - 1;
    if (frames_[self].child == 0) frames_[self].child = top().at + 1;
    while (frames_[self].child < tree_[frames_[self].at].next) {
        const auto at = frames_[self].child;
        const auto got = ask(i.a, at);
        if (got == answer::pending) return got;
        if (got == answer::yes) {
            ++frames_[self].count;
            if (frames_[self].collect && i.flag) evaluated_.push_back(at);
        }
        frames_[self].child = tree_[at].next;
    }
    drop_errors();
    const auto n = frames_[self].count;
    if (n >= i.b && n <= i.c) return answer::yes;
    report(i, frames_[self].at, std::to_string(n) + " items match");
    return answer::no;
}

evaluator::answer evaluator::logic(const instruction& i) {
    const auto self = frames_.size() - 1;
    const auto single = i.op == op::not_;
    const auto n = single ? 1 : p_.lists[i.a];
    while (frames_[self].step < n) {
        const auto got = ask(single ? i.a : p_.lists[i.a + 1 + frames_[self].step], frames_[self].at);
        if (got == answer::pending) return got;
        ++frames_[self].step;
        if (got == answer::yes) ++frames_[self].count;
        if (keep_errors_) continue;
        if (got == answer::no && i.op == op::all_of) return got;
        if (got == answer::yes && i.op == op::any_of && !frames_[self].collect) return got;
        if (frames_[self].count > 1 && i.op == op::one_of) return answer::no;
    }
    const auto yes = frames_[self].count;
    const bool ok = i.op == op::all_of   ? yes == n
                    : i.op == op::any_of ? yes > 0
                    : i.op == op::one_of ? yes == 1
                                         : yes == 0;
    if (ok || yes > 0) {
        if (i.op != op::all_of) drop_errors();
    }
    if (!ok && i.op != op::all_of)
        report(i, frames_[self].at, std::to_string(yes) + " of " + std::to_string(n) + " subschemas match",
               static_cast<std::uint32_t>(errors_.size()) - frames_[self].errors);
    return ok ? answer::yes : answer::no;
}

evaluator::answer evaluator::conditional(const instruction& i) {
    const auto self = frames_.size() - 1;
    if (frames_[self].step == 0) {
        const auto got = ask(i.a, frames_[self].at);
        if (got == answer::pending) return got;
        drop_errors();
        frames_[self].step = got == answer::yes ? 1 : 2;
    }
    const auto next = frames_[self].step == 1 ? i.b : i.c;
    return next == none ? answer::yes : ask(next, frames_[self].at);
}

/// Children no subschema said it evaluated; step 0: not begun. What was said is marked once.
evaluator::answer evaluator::unevaluated(const instruction& i) {
    const auto self = frames_.size() - 1;
    const bool object = i.op == op::unevaluated_properties;
    auto& f = frames_[self];
    if (f.child == 0) {
        f.child = f.at + 1 + (object ? 1 : 0);
        // Sorted, so that it can be searched while further answers are appended behind it.
        std::sort(evaluated_.begin() + f.evaluated, evaluated_.end());
        f.count = static_cast<std::uint32_t>(evaluated_.size());
        charge(f.count - f.evaluated);
    }
    while (frames_[self].child < tree_[frames_[self].at].next) {
        const auto at = frames_[self].child;
        const auto known = std::binary_search(evaluated_.begin() + frames_[self].evaluated,
                                              evaluated_.begin() + frames_[self].count, at);
        const auto got = known ? answer::yes : ask(i.a, at);
        if (got == answer::pending) return got;
        if (got == answer::no) frames_[self].ok = false;
        if (got == answer::no && !keep_errors_) return got;
        if (!known && got == answer::yes) evaluated_.push_back(at);
        frames_[self].child = tree_[at].next + (object ? 1 : 0);
    }
    return answer::yes;
}

result<verdict> evaluator::run(std::string_view text, output how) {
    QSLIP_CHECK(tree_.parse(text, p_.options.lim));
    errors_.clear();
    keep_errors_ = cut_ = false;
    QSLIP_TRY(const bool valid, evaluate());
    verdict out;
    out.valid = valid;
    if (valid || how == output::flag) return out;
    // Faults are collected in a second pass: the first stops at the first one and remembers answers.
    keep_errors_ = true;
    const auto again = evaluate();
    out.errors = std::move(errors_);
    out.errors_cut = cut_ || !again;
    return out;
}

}  // namespace qslip::schema
