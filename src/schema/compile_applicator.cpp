// Keywords about the items of arrays, and those that put further schemas to the same instance.
#include "schema/compiler.hpp"

namespace qslip::schema {

result<std::uint32_t> compiler::schema_list(keyword w, bool same_instance) {
    std::vector<std::uint32_t> ids;
    if (tree()[value(w)].kind != kind::array) return wrong(value(w), "an array of schemas");
    for (auto i = value(w) + 1; i < tree()[value(w)].next; i = tree()[i].next) {
        QSLIP_TRY(const auto id, child(i, same_instance));
        ids.push_back(id);
    }
    const auto at = static_cast<std::uint32_t>(out_.lists.size());
    out_.lists.push_back(static_cast<std::uint32_t>(ids.size()));
    out_.lists.insert(out_.lists.end(), ids.begin(), ids.end());
    return at;
}

/// items: a: list of the first items' schemas, b: schema of the rest.
/// contains: a: schema, b: least, c: most; flag: a match counts as evaluated.
status compiler::compile_array() {
    const bool modern = how_.d >= dialect::draft2020_12;
    const bool listed = !modern && has(keyword::items) && tree()[value(keyword::items)].kind == kind::array;
    std::uint32_t first = none, rest = none;
    if (listed || has(keyword::prefix_items)) {
        QSLIP_TRY(first, schema_list(listed ? keyword::items : keyword::prefix_items, false));
    }
    const auto rest_word = listed ? keyword::additional_items : keyword::items;
    if (has(rest_word)) {
        QSLIP_TRY(rest, child(value(rest_word), false));
    }
    if (first != none || rest != none) {
        auto& made = emit(op::items, rest != none ? rest_word : keyword::prefix_items);
        made.a = first, made.b = rest;
    }
    if (!has(keyword::contains)) return {};
    QSLIP_TRY(const auto id, child(value(keyword::contains), false));
    std::uint32_t least = 1, most = none;
    if (has(keyword::min_contains)) {
        QSLIP_TRY(least, count_at(keyword::min_contains));
    }
    if (has(keyword::max_contains)) {
        QSLIP_TRY(most, count_at(keyword::max_contains));
    }
    auto& made = emit(op::contains, keyword::contains);
    made.a = id, made.b = least, made.c = most, made.flag = modern;
    return {};
}

/// if: a, b, c: the schemas of if, then, else.
status compiler::compile_logic() {
    constexpr std::pair<keyword, op> lists[] = {
        {keyword::all_of, op::all_of}, {keyword::any_of, op::any_of}, {keyword::one_of, op::one_of}};
    for (const auto& [w, o] : lists) {
        if (!has(w)) continue;
        QSLIP_TRY(const auto at, schema_list(w, true));
        emit(o, w).a = at;
    }
    if (has(keyword::not_)) {
        QSLIP_TRY(const auto id, child(value(keyword::not_), true));
        emit(op::not_, keyword::not_).a = id;
    }
    if (!has(keyword::if_)) return {};
    std::uint32_t ids[3] = {none, none, none};
    QSLIP_TRY(ids[0], child(value(keyword::if_), true));
    if (has(keyword::then_)) {
        QSLIP_TRY(ids[1], child(value(keyword::then_), true));
    }
    if (has(keyword::else_)) {
        QSLIP_TRY(ids[2], child(value(keyword::else_), true));
    }
    // Whether then and else are reached depends on the instance: no loop can be blamed on them here.
    for (auto& e : edges_)
        if (e.from == self_ && (e.to == ids[1] || e.to == ids[2])) e.same_instance = false;
    auto& made = emit(op::if_, keyword::if_);
    made.a = ids[0], made.b = ids[1], made.c = ids[2];
    return {};
}

}  // namespace qslip::schema
