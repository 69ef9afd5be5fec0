#include "schema/compiler.hpp"

namespace qslip::schema {

result<std::shared_ptr<const program>> compiler::run(std::string_view text) {
    QSLIP_TRY(const auto root, docs_.add(options_.base_uri, std::string(text)));
    QSLIP_TRY(out_.root, node_of(root));
    while (compiled_ < out_.nodes.size()) {
        while (compiled_ < out_.nodes.size()) QSLIP_CHECK(compile_node(compiled_++));
        QSLIP_CHECK(compile_dynamic_targets());
    }
    QSLIP_CHECK(no_idle_loops());
    mark_dynamic();
    mark_memo();
    mark_forwards();
    merge_alternatives();
    for (std::uint32_t r = 0; r < docs_.n_resources(); ++r) {
        out_.resources.push_back({docs_.at(r).uri, docs_.at(r).root.node, docs_.at(r).how});
    }
    out_.documents = docs_.take();
    return std::shared_ptr<const program>(std::make_shared<program>(std::move(out_)));
}

result<std::uint32_t> compiler::node_of(place where) {
    if (const auto found = node_ids_.find(where.key()); found != node_ids_.end()) return found->second;
    if (out_.nodes.size() >= out_.options.limits.schema_nodes)
        return status(errc::limit, "more than " + std::to_string(out_.options.limits.schema_nodes) +
                                       " subschemas (limit schema_nodes)");
    const auto resource_id = docs_.resource_of(where);
    const auto id = static_cast<std::uint32_t>(out_.nodes.size());
    schema_node made;
    made.where = where;
    made.resource = resource_id;
    out_.nodes.push_back(made);
    node_ids_.emplace(where.key(), id);
    return id;
}

/// The schema at `node` of the document at hand, evaluated on the same instance or on a child of it.
result<std::uint32_t> compiler::child(std::uint32_t node, bool same_instance) {
    const auto k = tree()[node].kind;
    if (k != kind::object && k != kind::true_ && k != kind::false_) return wrong(node, "a schema");
    QSLIP_TRY(const auto id, node_of({doc_, node}));
    edges_.push_back({self_, id, same_instance});
    return id;
}

status compiler::wrong(std::uint32_t node, std::string_view must) const {
    return {errc::schema, "schema " + docs_.location({doc_, node}, out_.nodes[self_].resource) + " must be " +
                              std::string(must)};
}

instruction& compiler::emit(op o, keyword w) {
    auto& made = out_.code.emplace_back();
    made.op = o;
    made.word = w;
    made.kinds = kinds_of(o);
    return made;
}

status compiler::compile_node(std::uint32_t id) {
    self_ = id;
    doc_ = out_.nodes[id].where.doc;
    const auto at = out_.nodes[id].where.node;
    const auto begin = static_cast<std::uint32_t>(out_.code.size());
    const auto& top = tree()[at];
    if (top.kind == kind::false_)
        emit(op::never, keyword::count);
    else if (top.kind == kind::object)
        QSLIP_CHECK(compile_object(at));
    else if (top.kind != kind::true_)
        return wrong(at, "a schema");
    auto& node = out_.nodes[id];
    node.begin = begin;
    node.end = static_cast<std::uint32_t>(out_.code.size());
    node.always_true = node.begin == node.end;
    node.nested = node.begin;
    while (node.nested < node.end && out_.code[node.nested].op <= op::last_simple) ++node.nested;
    for (auto i = node.nested; i < node.end; ++i)
        node.unevaluated = node.unevaluated || out_.code[i].op >= op::unevaluated_items;
    return {};
}

status compiler::compile_object(std::uint32_t at) {
    const auto resource_id = out_.nodes[self_].resource;
    how_ = docs_.at(resource_id).how;
    keyword_values v;
    v.fill(none);
    for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next)
        if (const auto w = keyword_of(tree()[k].view()); w != keyword::count && info(w).known_to(how_))
            v[static_cast<std::size_t>(w)] = k + 1;
    values_ = &v;
    if (has(keyword::ref) && how_.d <= dialect::draft7) return compile_ref(keyword::ref);
    QSLIP_CHECK(compile_any_type());
    QSLIP_CHECK(compile_number());
    QSLIP_CHECK(compile_text());
    QSLIP_CHECK(compile_sizes());
    QSLIP_CHECK(compile_members());
    QSLIP_CHECK(compile_dependencies());
    QSLIP_CHECK(compile_array());
    if (has(keyword::ref)) QSLIP_CHECK(compile_ref(keyword::ref));
    if (has(keyword::dynamic_ref)) QSLIP_CHECK(compile_dynamic_ref());
    if (has(keyword::recursive_ref)) QSLIP_CHECK(compile_recursive_ref());
    QSLIP_CHECK(compile_logic());
    QSLIP_CHECK(compile_one(keyword::unevaluated_items, op::unevaluated_items));
    return compile_one(keyword::unevaluated_properties, op::unevaluated_properties);
}

status compiler::need(keyword w, kind k, const char* what) const {
    return tree()[value(w)].kind == k ? status{} : wrong(value(w), what);
}

status compiler::compile_one(keyword w, op o) {
    if (!has(w)) return {};
    QSLIP_TRY(const auto id, child(value(w), false));
    emit(o, w).a = id;
    return {};
}

std::uint32_t compiler::add_name(std::string_view name) {
    out_.names.emplace_back(name);
    return static_cast<std::uint32_t>(out_.names.size() - 1);
}

result<std::shared_ptr<const program>> compile_program(std::string_view text,
                                                       const compile_options& options) {
    return compiler(options).run(text);
}

}  // namespace qslip::schema
