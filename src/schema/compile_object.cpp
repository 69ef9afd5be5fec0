// Keywords about the members of objects.
#include "schema/compiler.hpp"

namespace qslip::schema {

status compiler::compile_members() {
    members_table table;
    QSLIP_CHECK(add_properties(table));
    QSLIP_CHECK(add_required(table));
    if (has(keyword::pattern_properties)) {
        QSLIP_CHECK(need(keyword::pattern_properties, kind::object, "an object"));
        const auto at = value(keyword::pattern_properties);
        for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next) {
            QSLIP_TRY(const auto id, child(k + 1, false));
            QSLIP_TRY(const auto p, pattern(tree()[k].view()));
            table.patterns.push_back({p, id});
        }
    }
    if (has(keyword::additional_properties)) {
        QSLIP_TRY(table.additional, child(value(keyword::additional_properties), false));
    }
    if (!table.members.empty() || !table.patterns.empty() || table.additional != none) {
        table.build();
        const bool lone = table.patterns.empty() && table.additional == none && !has(keyword::properties);
        emit(lone ? op::required : op::members, lone ? keyword::required : keyword::properties).a =
            static_cast<std::uint32_t>(out_.tables.size());
        out_.tables.push_back(std::move(table));
    }
    return compile_one(keyword::property_names, op::property_names);
}

status compiler::add_properties(members_table& table) {
    if (!has(keyword::properties)) return {};
    QSLIP_CHECK(need(keyword::properties, kind::object, "an object"));
    const auto at = value(keyword::properties);
    for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next) {
        QSLIP_TRY(const auto id, child(k + 1, false));
        table.members.push_back({std::string(tree()[k].view()), hash_text(tree()[k].view()), id, false});
    }
    return {};
}

status compiler::add_required(members_table& table) {
    if (!has(keyword::required)) return {};
    const auto at = value(keyword::required);
    // Draft 3's boolean, still written by many, says nothing in the dialects we read.
    if (tree()[at].is_bool()) return {};
    QSLIP_CHECK(need(keyword::required, kind::array, "an array of strings"));
    std::unordered_map<std::string_view, std::size_t> known;
    for (std::size_t i = 0; i < table.members.size(); ++i) known.emplace(table.members[i].name, i);
    // Views of names that do not move: the table grows at the end only, after the reserve.
    table.members.reserve(table.members.size() + tree()[at].size);
    known.clear();
    for (std::size_t i = 0; i < table.members.size(); ++i) known.emplace(table.members[i].name, i);
    for (auto i = at + 1; i < tree()[at].next; i = tree()[i].next) {
        if (tree()[i].kind != kind::string) return wrong(i, "a string");
        const auto [found, is_new] = known.emplace(tree()[i].view(), table.members.size());
        if (is_new)
            table.members.push_back(
                {std::string(tree()[i].view()), hash_text(tree()[i].view()), none, false});
        auto& m = table.members[found->second];
        if (!m.required) ++table.n_required;
        m.required = true;
    }
    return {};
}

status compiler::compile_dependencies() {
    for (const auto w : {keyword::dependent_required, keyword::dependent_schemas, keyword::dependencies}) {
        if (!has(w)) continue;
        QSLIP_CHECK(need(w, kind::object, "an object"));
        for (auto k = value(w) + 1; k < tree()[value(w)].next; k = tree()[k + 1].next)
            QSLIP_CHECK(compile_dependency(w, k));
    }
    if (!has(keyword::property_dependencies)) return {};
    QSLIP_CHECK(need(keyword::property_dependencies, kind::object, "an object"));
    const auto at = value(keyword::property_dependencies);
    for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next) {
        if (tree()[k + 1].kind != kind::object) return wrong(k + 1, "an object");
        for (auto v = k + 2; v < tree()[k + 1].next; v = tree()[v + 1].next) {
            QSLIP_TRY(const auto id, child(v + 1, true));
            const auto key = add_name(tree()[k].view()), text = add_name(tree()[v].view());
            auto& made = emit(op::property_dependency, keyword::property_dependencies);
            made.a = key, made.b = id, made.c = text;
        }
    }
    return {};
}

status compiler::compile_dependency(keyword w, std::uint32_t k) {
    const auto& node = tree()[k + 1];
    const bool needs =
        w != keyword::dependent_schemas && (node.kind == kind::array || node.kind == kind::string);
    if (!needs) {
        if (w == keyword::dependent_required) return wrong(k + 1, "an array of strings");
        QSLIP_TRY(const auto id, child(k + 1, true));
        const auto key = add_name(tree()[k].view());
        auto& made = emit(op::dependent_schema, w);
        made.a = key, made.b = id;
        return {};
    }
    dependency d;
    d.key = tree()[k].view();
    if (node.kind == kind::string) d.needs.emplace_back(node.view());
    if (node.kind == kind::array)
        for (auto i = k + 2; i < node.next; i = tree()[i].next) {
            if (tree()[i].kind != kind::string) return wrong(i, "a string");
            d.needs.emplace_back(tree()[i].view());
        }
    emit(op::dependent_required, w).a = static_cast<std::uint32_t>(out_.dependencies.size());
    out_.dependencies.push_back(std::move(d));
    return {};
}

}  // namespace qslip::schema
