// References, static and dynamic.
#include <algorithm>

#include "schema/compiler.hpp"

namespace qslip::schema {

result<std::uint32_t> compiler::target(keyword w) {
    if (tree()[value(w)].kind != kind::string) return wrong(value(w), "a URI reference");
    auto where = docs_.resolve(out_.nodes[self_].resource, tree()[value(w)].view());
    if (!where)
        return status(where.status().code(),
                      "schema " + docs_.location({doc_, value(w)}, out_.nodes[self_].resource) + ": " +
                          where.status().message());
    const auto k = docs_.tree(where->doc)[where->node].kind;
    if (k != kind::object && k != kind::true_ && k != kind::false_)
        return wrong(value(w), "a reference to a schema");
    QSLIP_TRY(const auto id, node_of(*where));
    edges_.push_back({self_, id, true});
    ref_counts_.resize(std::max<std::size_t>(ref_counts_.size(), id + 1));
    ++ref_counts_[id];
    return id;
}

status compiler::compile_ref(keyword w) {
    QSLIP_TRY(const auto id, target(w));
    emit(op::ref, w).a = id;
    return {};
}

/// a: where it points without dynamic scope, b: the anchor's name.
status compiler::compile_dynamic_ref() {
    QSLIP_CHECK(need(keyword::dynamic_ref, kind::string, "a URI reference"));
    const auto text = tree()[value(keyword::dynamic_ref)].view();
    const auto hash = text.find('#');
    const auto name = hash == text.npos ? std::string_view() : text.substr(hash + 1);
    const auto self = out_.nodes[self_].resource;
    if (how_.d == dialect::v1 && docs_.at(self).anchors.find(name) == docs_.at(self).anchors.end()) {
        auto& made = emit(op::dynamic_ref, keyword::dynamic_ref);
        made.b = dynamic_name(name);
        return {};
    }
    QSLIP_TRY(const auto id, target(keyword::dynamic_ref));
    const auto& there = docs_.at(out_.nodes[id].resource);
    const auto anchor = there.dynamic_anchors.find(name);
    if (name.empty() || anchor == there.dynamic_anchors.end() ||
        anchor->second != out_.nodes[id].where.node) {
        emit(op::ref, keyword::dynamic_ref).a = id;
        return {};
    }
    // Which schema it means is known at run time only; the loop check must not blame the default.
    edges_.pop_back();
    const auto number = dynamic_name(name);
    auto& made = emit(op::dynamic_ref, keyword::dynamic_ref);
    made.a = id, made.b = number;
    return {};
}

std::uint32_t compiler::dynamic_name(std::string_view name) {
    for (const auto n : dynamic_names_)
        if (out_.names[n] == name) return n;
    dynamic_names_.push_back(add_name(name));
    return dynamic_names_.back();
}

status compiler::compile_recursive_ref() {
    QSLIP_TRY(const auto id, target(keyword::recursive_ref));
    const bool dynamic = docs_.at(out_.nodes[id].resource).recursive_anchor &&
                         docs_.at(out_.nodes[id].resource).root.key() == out_.nodes[id].where.key();
    emit(dynamic ? op::recursive_ref : op::ref, keyword::recursive_ref).a = id;
    if (dynamic) edges_.pop_back();
    has_recursive_ = has_recursive_ || dynamic;
    return {};
}

/// Every resource in play may become the target of every dynamic reference.
status compiler::compile_dynamic_targets() {
    std::vector<bool> in_play(docs_.n_resources());
    for (const auto& node : out_.nodes) in_play[node.resource] = true;
    for (std::uint32_t r = 0; r < in_play.size(); ++r) {
        if (!in_play[r]) continue;
        const auto doc = docs_.at(r).root.doc;
        for (const auto n : dynamic_names_) {
            const auto anchor = docs_.at(r).dynamic_anchors.find(out_.names[n]);
            if (anchor == docs_.at(r).dynamic_anchors.end()) continue;
            QSLIP_TRY(const auto id, node_of({doc, anchor->second}));
            out_.dynamic_targets[static_cast<std::uint64_t>(r) << 32 | n] = id;
        }
        if (has_recursive_ && docs_.at(r).recursive_anchor) {
            QSLIP_TRY(const auto id, node_of(docs_.at(r).root));
            out_.recursive_targets[r] = id;
        }
    }
    return {};
}

}  // namespace qslip::schema
