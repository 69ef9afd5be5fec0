// The machine: frames, calls, answers.
#include "schema/evaluator.hpp"

#include "schema/evaluate_array-inl.hpp"
#include "schema/evaluate_logic-inl.hpp"
#include "schema/evaluate_object-inl.hpp"
#include "schema/evaluate_value-inl.hpp"

namespace qslip::schema {

evaluation::evaluation(const program& p, const json_tree& tree)
    : p_(p),
      nodes_(p.nodes.data()),
      code_(p.code.data()),
      tree_(tree),
      budget_(p.options.limits.schema_steps),
      frames_(32),
      top_(frames_.data()) {
    top_->at = none;
}

/// Evaluates a schema at once where that is cheap, else pushes a frame and answers `pending`.
template <bool all_faults>
inline answer machine<all_faults>::call(std::uint32_t schema, std::uint32_t at) {
    if (!charge(1)) return answer::no;
    const auto* n = &nodes_[schema];
    if (all_faults) return n->always_true ? answer::yes : push(schema, at, n->begin);
    if (n->forward != none) {
        schema = n->forward;
        n = &nodes_[schema];
    }
    const auto& v = tree_[at];
    const auto bit = kind_bit(v.kind);
    auto pc = n->begin;
    for (; pc < n->nested; ++pc) {
        const auto& i = code_[pc];
        if ((i.kinds & bit) != 0 && !value_ok(i, v, at)) return answer::no;
    }
    while (pc < n->end && (code_[pc].kinds & bit) == 0) ++pc;
    if (pc == n->end) return answer::yes;
    return push(schema, at, pc);
}

template <bool all_faults>
answer machine<all_faults>::push(std::uint32_t schema, std::uint32_t at, std::uint32_t pc) {
    const auto& n = nodes_[schema];
    const bool same = top_->at == at, collect = n.unevaluated || (same && top_->collect);
    if (!all_faults && steps_ > memo_from_ && n.memo && !collect)
        if (const auto known = memo_.find(static_cast<std::uint64_t>(schema) << 32 | at);
            known != memo_.end())
            return known->second ? answer::yes : answer::no;
    const auto n_same = same ? top_->same + 1 : 0;
    if (n_same > p_.nodes.size() + 1 || depth_ > 1000000)
        return stop(errc::schema, "references loop without progress through " + p_.resources[n.resource].uri +
                                      "#" + p_.documents[n.where.doc].tree.pointer_to(n.where.node));
    top_->waiting = true;
    if (++depth_ == frames_.size()) frames_.resize(2 * frames_.size());
    top_ = &frames_[depth_];
    auto& f = *top_;
    f.schema = schema;
    f.at = at;
    f.pc = pc;
    f.end = n.end;
    f.step = f.child = f.count = 0;
    f.same = n_same;
    f.evaluated = static_cast<std::uint32_t>(evaluated_.size());
    if (all_faults) f.errors = f.first_error = static_cast<std::uint32_t>(errors_.size());
    f.kind = kind_bit(tree_[at].kind);
    f.waiting = false;
    f.ok = true;
    f.collect = collect;
    return answer::pending;
}

/// As call, but gives the answer of a call made before.
template <bool all_faults>
inline answer machine<all_faults>::ask(std::uint32_t schema, std::uint32_t at) {
    if (top_->waiting) {
        top_->waiting = false;
        return last_ ? answer::yes : answer::no;
    }
    return call(schema, at);
}

template <bool all_faults>
inline void machine<all_faults>::finish(bool ok) {
    const auto& f = *top_;
    if (!all_faults && steps_ > memo_from_ && nodes_[f.schema].memo && !f.collect && !failed_)
        memo_.emplace(static_cast<std::uint64_t>(f.schema) << 32 | f.at, ok);
    if (all_faults && group_errors_ && !ok && depth_ > 1) group(f.first_error, keyword::count);
    --depth_;
    --top_;
    if (evaluated_.size() != f.evaluated && (!ok || top_->at != f.at || !top_->collect))
        evaluated_.resize(f.evaluated);
    last_ = ok;
}

template <bool all_faults>
inline answer machine<all_faults>::step(const instruction& i) {
    switch (i.op) {
        case op::members: return members(p_.tables[i.a], i);
        case op::property_names: return property_names(i);
        case op::dependent_required: return dependent_required(i);
        case op::dependent_schema:
        case op::property_dependency: return dependent(i);
        case op::items: return items(i);
        case op::contains: return contains(i);
        case op::ref: return ask(i.a, top_->at);
        case op::dynamic_ref:
        case op::recursive_ref: return dynamic_reference(i);
        case op::if_: return conditional(i);
        case op::unevaluated_items:
        case op::unevaluated_properties: return unevaluated(i);
        case op::all_of:
        case op::any_of:
        case op::one_of:
        case op::not_: return logic(i);
        default: return simple(i);
    }
}

/// A keyword about the instance node alone, where call() has not dealt with it.
template <bool all_faults>
answer machine<all_faults>::simple(const instruction& i) {
    const auto at = top_->at;
    if (!charge(1)) return answer::no;
    if (value_ok(i, tree_[at], at)) return answer::yes;
    if (failed_ || !all_faults) return answer::no;
    if (i.op == op::required)
        report_missing(p_.tables[i.a], i);
    else
        report_value(i, at);
    return answer::no;
}

/// To the next instruction that concerns the instance; past the last one the schema is done.
template <bool all_faults>
inline void machine<all_faults>::advance(frame& f) {
    if (all_faults) {
        // members() is four keywords: what it found stays directly in the schema's unit.
        const auto& done = code_[f.pc];
        if (group_errors_ && f.errors != errors_.size() && done.op > op::last_simple &&
            done.op != op::members)
            group(f.errors, done.word);
        f.errors = static_cast<std::uint32_t>(errors_.size());
    }
    do ++f.pc;
    while (f.pc < f.end && (code_[f.pc].kinds & f.kind) == 0);
    f.step = f.child = f.count = 0;
}

template <bool all_faults>
result<bool> machine<all_faults>::evaluate() {
    // Remembering costs more than it saves until a run has visited each node a few times.
    memo_from_ = 16 * static_cast<std::uint64_t>(tree_.size()) + 1024;
    depth_ = 0;
    top_ = frames_.data();
    evaluated_.clear();
    memo_.clear();
    steps_ = 0;
    failed_ = false;
    last_ = call(p_.root, 0) == answer::yes;
    while (depth_ > 0 && !failed_) {
        auto& f = *top_;
        if (f.pc == f.end) {
            finish(f.ok);
            continue;
        }
        if (all_faults && (code_[f.pc].kinds & f.kind) == 0) {
            advance(f);
            continue;
        }
        const auto got = step(code_[f.pc]);
        if (got == answer::pending) continue;
        if (got == answer::no && !all_faults) {
            finish(false);
            continue;
        }
        if (got == answer::no) top_->ok = false;
        advance(*top_);
    }
    if (failed_) return failure_;
    return last_;
}

evaluator::evaluator(std::shared_ptr<const program> p)
    : program_(std::move(p)), tree_(std::make_unique<json_tree>()), quick_(*program_, *tree_) {}

/// A second pass, over invalid instances only, collects the faults.
result<verdict> evaluator::run(std::string_view text, output how) {
    QSLIP_CHECK(tree_->parse(text, program_->options.limits));
    verdict out;
    QSLIP_TRY(out.valid, quick_.evaluate());
    out.n_steps = quick_.n_steps();
    if (out.valid || how == output::flag) return out;
    machine<true> thorough(*program_, *tree_, how == output::detailed);
    (void)thorough.evaluate();
    thorough.move_errors(out);
    return out;
}

}  // namespace qslip::schema
