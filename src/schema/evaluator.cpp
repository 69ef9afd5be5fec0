// The machine: frames, calls, answers. In flag mode the first fault ends a schema and answers are remembered
// once the run has grown long; a second pass, over invalid instances only, visits everything and collects
// faults.
#include "schema/evaluator.hpp"

#include "schema/evaluate_array-inl.hpp"
#include "schema/evaluate_logic-inl.hpp"
#include "schema/evaluate_object-inl.hpp"
#include "schema/evaluate_value-inl.hpp"

namespace qslip::schema {

evaluator::evaluator(std::shared_ptr<const program> p)
    : program_(std::move(p)), p_(*program_), budget_(p_.options.lim.schema_steps), frames_(32) {}

/// Evaluates a schema at once where that is cheap, else pushes a frame and answers `pending`.
inline evaluator::answer evaluator::call(std::uint32_t schema, std::uint32_t at) {
    if (!charge(1)) return answer::no;
    const auto* n = &p_.nodes[schema];
    if (keep_errors_) return n->always_true ? answer::yes : push(schema, at, n->begin);
    if (n->forward != none) {
        schema = n->forward;
        n = &p_.nodes[schema];
    }
    const auto& v = tree_[at];
    const auto bit = kind_bit(v.kind);
    auto pc = n->begin;
    for (; pc < n->nested; ++pc) {
        const auto& i = p_.code[pc];
        if ((i.kinds & bit) != 0 && !value_ok(i, v, at)) return answer::no;
    }
    while (pc < n->end && (p_.code[pc].kinds & bit) == 0) ++pc;
    if (pc == n->end) return answer::yes;
    return push(schema, at, pc);
}

evaluator::answer evaluator::push(std::uint32_t schema, std::uint32_t at, std::uint32_t pc) {
    const auto& n = p_.nodes[schema];
    const bool same = depth_ > 0 && top().at == at;
    const bool collect = n.unevaluated || (same && top().collect);
    if (steps_ > memo_from_ && n.memo && !collect && !keep_errors_)
        if (const auto known = memo_.find(static_cast<std::uint64_t>(schema) << 32 | at);
            known != memo_.end())
            return known->second ? answer::yes : answer::no;
    const auto n_same = same ? top().same + 1 : 0;
    if (n_same > p_.nodes.size() + 1 || depth_ > 1000000)
        return stop(errc::schema, "references loop without progress through " + p_.resources[n.resource].uri +
                                      "#" + p_.documents[n.where.doc].tree.pointer_to(n.where.node));
    if (depth_ > 0) top().waiting = true;
    if (depth_ == frames_.size()) frames_.resize(2 * frames_.size());
    auto& f = frames_[depth_++];
    f.schema = schema;
    f.at = at;
    f.pc = pc;
    f.step = f.child = f.count = 0;
    f.same = n_same;
    f.evaluated = static_cast<std::uint32_t>(evaluated_.size());
    f.errors = f.first_error = static_cast<std::uint32_t>(errors_.size());
    f.waiting = false;
    f.ok = true;
    f.collect = collect;
    return answer::pending;
}

/// As call, but gives the answer of a call made before.
inline evaluator::answer evaluator::ask(std::uint32_t schema, std::uint32_t at) {
    if (top().waiting) {
        top().waiting = false;
        return last_ ? answer::yes : answer::no;
    }
    return call(schema, at);
}

inline void evaluator::finish(bool ok) {
    const auto& f = top();
    if (steps_ > memo_from_ && p_.nodes[f.schema].memo && !f.collect && !keep_errors_ && !failed_)
        memo_.emplace(static_cast<std::uint64_t>(f.schema) << 32 | f.at, ok);
    if (group_errors_ && !ok && depth_ > 1) group(f.first_error, keyword::count);
    --depth_;
    if (evaluated_.size() != f.evaluated && (!ok || depth_ == 0 || top().at != f.at || !top().collect))
        evaluated_.resize(f.evaluated);
    last_ = ok;
}

inline evaluator::answer evaluator::step(const instruction& i) {
    switch (i.op) {
        case op::members: return members(p_.tables[i.a], i);
        case op::property_names: return property_names(i);
        case op::dependent_required: return dependent_required(i);
        case op::dependent_schema:
        case op::property_dependency: return dependent(i);
        case op::items: return items(i);
        case op::contains: return contains(i);
        case op::ref: return ask(i.a, top().at);
        case op::dynamic_ref:
        case op::recursive_ref: return dynamic_reference(i);
        case op::if_: return conditional(i);
        case op::unevaluated_items:
        case op::unevaluated_properties: return unevaluated(i);
        case op::all_of:
        case op::any_of:
        case op::one_of:
        case op::not_: return logic(i);
        default: {
            // Only where faults are collected; else call() has dealt with it.
            const auto at = top().at;
            if (!charge(1)) return answer::no;
            if (value_ok(i, tree_[at], at)) return answer::yes;
            if (failed_) return answer::no;
            if (i.op == op::required)
                report_missing(p_.tables[i.a], i);
            else
                report_value(i, at);
            return answer::no;
        }
    }
}

/// To the next instruction that concerns the instance; past the last one the schema is done.
inline void evaluator::advance(frame& f) {
    // members() is four keywords: what it found stays directly in the schema's unit.
    const auto& done = p_.code[f.pc];
    if (group_errors_ && f.errors != errors_.size() && done.op > op::last_simple && done.op != op::members)
        group(f.errors, done.word);
    const auto end = p_.nodes[f.schema].end;
    const auto bit = kind_bit(tree_[f.at].kind);
    do ++f.pc;
    while (f.pc < end && (p_.code[f.pc].kinds & bit) == 0);
    f.step = f.child = f.count = 0;
    f.errors = static_cast<std::uint32_t>(errors_.size());
}

result<bool> evaluator::evaluate() {
    // Remembering costs more than it saves until a run has visited each node a few times.
    memo_from_ = 16 * static_cast<std::uint64_t>(tree_.size()) + 1024;
    depth_ = 0;
    evaluated_.clear();
    memo_.clear();
    steps_ = 0;
    failed_ = false;
    const auto first = call(p_.root, 0);
    last_ = first == answer::yes;
    while (depth_ > 0 && !failed_) {
        auto& f = top();
        if (f.pc == p_.nodes[f.schema].end) {
            finish(f.ok);
            continue;
        }
        if (keep_errors_ && (p_.code[f.pc].kinds & kind_bit(tree_[f.at].kind)) == 0) {
            advance(f);
            continue;
        }
        const auto got = step(p_.code[f.pc]);
        if (got == answer::pending) continue;
        if (got == answer::no && !keep_errors_) {
            finish(false);
            continue;
        }
        auto& now = top();
        if (got == answer::no) now.ok = false;
        advance(now);
    }
    if (failed_) return failure_;
    return last_;
}

result<verdict> evaluator::run(std::string_view text, output how) {
    QSLIP_CHECK(tree_.parse(text, p_.options.lim));
    errors_.clear();
    keep_errors_ = group_errors_ = cut_ = false;
    QSLIP_TRY(const bool valid, evaluate());
    verdict out;
    out.valid = valid;
    out.n_steps = steps_;
    if (valid || how == output::flag) return out;
    keep_errors_ = true;
    group_errors_ = how == output::detailed;
    const auto again = evaluate();
    out.errors = std::move(errors_);
    out.errors_cut = cut_ || !again;
    return out;
}

}  // namespace qslip::schema
