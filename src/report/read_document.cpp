#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/report.hpp>

#include <algorithm>

#include "json/json_read.hpp"
#include "report/document.hpp"
#include "report/field.hpp"

namespace qslip::report {
namespace {

enum class json_type { group, list, text, flag, count, number };

json_type type_of(field_kind kind) {
    static constexpr json_type types[] = {
#define QSLIP_FIELD_KIND(id, json, unit) json_type::json,
#include "report/field_kind.inc"
#undef QSLIP_FIELD_KIND
    };
    return types[static_cast<std::size_t>(kind)];
}

template <class T>
result<fact> fact_of(const result<T>& value) {
    if (!value) return value.status();
    return fact(*value);
}

result<fact> read_number(const json_node& node) {
    if (const auto count = node.count()) return fact(*count);
    return fact_of(node.number());
}

result<fact> read_group(const json_node& node, const std::string& path);
result<fact> read_list(const json_node& node, const std::string& path);

result<fact> read_value(const json_node& node, const field& f, const std::string& path) {
    if (node.is_null() && f.when == presence::or_null) return fact();
    switch (type_of(f.kind)) {
        case json_type::group: return read_group(node, path);
        case json_type::list: return read_list(node, path);
        case json_type::text: return fact_of(node.text());
        case json_type::flag: return fact_of(node.boolean());
        case json_type::count: return fact_of(node.count());
        case json_type::number: break;
    }
    return read_number(node);
}

/// A list of groups, or of what the field `path[]` is.
result<fact> read_list(const json_node& node, const std::string& path) {
    QSLIP_TRY(const auto items, node.items());
    const auto item_path = path + "[]";
    const auto* leaf = field_at(item_path);
    fact::list list;
    for (const auto& item : items) {
        QSLIP_TRY(auto value, leaf ? read_value(item, *leaf, item_path) : read_group(item, item_path));
        list.push_back(std::move(value));
    }
    return fact(std::move(list));
}

status unknown_member(const json_node& node, std::string_view key, const std::string& path) {
    std::vector<std::string> known;
    for (const auto* f : fields_of(path)) {
        const auto part = last_part(f->path);
        const auto names = is_placeholder(part) ? names_of(part) : std::vector{std::string(part)};
        known.insert(known.end(), names.begin(), names.end());
    }
    const auto near = nearest_name(key, known);
    return node.member_fault(
        key, "is not a field this version knows" + (near.empty() ? "" : "; nearest: " + qslip::quoted(near)));
}

/// Every member is a known field, and those that are always there are.
result<fact> read_group(const json_node& node, const std::string& path) {
    QSLIP_TRY(const auto members, node.members());
    fact::group group;
    for (const auto& [key, value] : members) {
        const auto* f = find_field(path, key);
        if (!f) return unknown_member(node, key, path);
        QSLIP_TRY(auto read, read_value(value, *f, std::string(f->path)));
        group.emplace_back(key, std::move(read));
    }
    for (const auto* f : fields_of(path))
        if (f->when != presence::if_any && !is_placeholder(f->path.substr(path.size())) &&
            !node.find(last_part(f->path)))
            return node.member_fault(last_part(f->path), "is missing");
    return fact(std::move(group));
}

status check_verdict(const json_node& node, const fact& group) {
    for (const auto v : all_verdicts)
        if (group["verdict"].text() == name_of(v)) {
            if (group["exit_code"].count() == static_cast<std::uint64_t>(exit_code_of(v))) return {};
            return node.member_fault("exit_code", "is not that of the verdict");
        }
    return node.find("verdict")->wrong("be a verdict of this version");
}

status check_candidate(const json_node& node, const fact& candidate) {
    if (candidate["slices"].items().empty())
        return node.member_fault("slices", "is empty: all is always there");
    return check_verdict(node, candidate);
}

}  // namespace

result<fact> read_facts(const json_node& node, const std::string& path) { return read_group(node, path); }

result<document> read_document(std::string_view json, const std::string& name, const limits& limits) {
    json_reader reader(limits);
    const auto text = json_text::copy_of(json);
    QSLIP_TRY(const auto root, reader.parse(text, name));
    QSLIP_TRY(const auto version, root.need("schema_version"));
    QSLIP_TRY(const auto number, version.count());
    if (number != schema_version) return version.wrong("be " + std::to_string(schema_version));
    QSLIP_TRY(auto facts, read_group(root, ""));
    QSLIP_CHECK(check_verdict(root, facts));
    if (facts["candidates"].items().empty()) return root.member_fault("candidates", "is empty");
    const auto candidates = root.find("candidates")->items();
    for (std::size_t i = 0; i < candidates->size(); ++i)
        QSLIP_CHECK(check_candidate((*candidates)[i], facts["candidates"].items()[i]));
    return document(std::make_shared<const fact>(std::move(facts)));
}

}  // namespace qslip::report
