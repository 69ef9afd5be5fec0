#include "report/field.hpp"

#include <qslip/detail/metrics/exclusion_counts.hpp>
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/detail/metrics/metric.hpp>

#include <algorithm>
#include <map>

#include "report/fact_names.hpp"

namespace qslip::report {
namespace {

constexpr field every_field[] = {
#define QSLIP_FIELD(path, kind, when, heading, text) {path, field_kind::kind, presence::when, heading, text},
#include "report/field.inc"
#undef QSLIP_FIELD
};

std::vector<std::string> metric_ids(metric_use use) {
    std::vector<std::string> ids;
    for (const auto& m : all_metrics)
        if (m.use == use) ids.emplace_back(m.id);
    return ids;
}

std::vector<std::string> exclusion_ids() {
    std::vector<std::string> ids;
    for (const auto& e : metrics::all_exclusions) ids.emplace_back(e.id);
    return ids;
}

std::vector<std::string> limit_names() {
    return {
#define QSLIP_LIMIT(name, default_value, text) #name,
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
    };
}

std::vector<std::string> setting_names() {
    return {
#define QSLIP_SETTING(type, name, default_value, scope, text) #name,
#include <qslip/detail/eval/run_setting.inc>
#undef QSLIP_SETTING
    };
}

using name_lists = std::map<std::string, std::vector<std::string>, std::less<>>;

const name_lists& all_names() {
    static const name_lists lists = {
        {"<limit>", limit_names()},
        {"<setting>", setting_names()},
        {"<distance>", metric_ids(metric_use::displacement)},
        {"<outcome>", metric_ids(metric_use::outcome)},
        {"<exclusion>", exclusion_ids()},
        {"<fault>", {std::begin(metrics::format_fault_ids), std::end(metrics::format_fault_ids)}},
        {"<level>", {std::begin(level_names), std::end(level_names)}},
        {"<sample>", {std::begin(sample_names), std::end(sample_names)}},
        {"<side>", {"base", "cand"}},
        {"<side>_structure", {"base_structure", "cand_structure"}},
    };
    return lists;
}

/// The group a path is a member of: "a" of "a.b", "a[]" of "a[].b", "a" of "a[]".
std::string_view parent_of(std::string_view path) {
    const auto dot = path.rfind('.');
    return dot == path.npos ? std::string_view() : path.substr(0, dot);
}

using members_by_group = std::map<std::string_view, std::vector<const field*>>;

const members_by_group& all_members() {
    static const members_by_group members = [] {
        members_by_group found;
        for (const auto& f : every_field)
            if (!f.path.ends_with("[]")) found[parent_of(f.path)].push_back(&f);
        return found;
    }();
    return members;
}

}  // namespace

std::span<const field> all_fields() { return every_field; }

std::string_view unit_of(field_kind kind) {
    static constexpr std::string_view units[] = {
#define QSLIP_FIELD_KIND(id, json, unit) unit,
#include "report/field_kind.inc"
#undef QSLIP_FIELD_KIND
    };
    return units[static_cast<std::size_t>(kind)];
}

std::string_view last_part(std::string_view path) {
    const auto dot = path.rfind('.');
    return dot == path.npos ? path : path.substr(dot + 1);
}

std::vector<std::string> names_of(std::string_view placeholder) {
    const auto found = all_names().find(placeholder);
    return found == all_names().end() ? std::vector<std::string>() : found->second;
}

const field* field_at(std::string_view path) {
    const auto found = std::ranges::find(every_field, path, &field::path);
    return found == std::end(every_field) ? nullptr : found;
}

std::span<const field* const> fields_of(std::string_view group_path) {
    const auto found = all_members().find(group_path);
    if (found == all_members().end()) return {};
    return found->second;
}

const field* find_field(std::string_view group_path, std::string_view key) {
    const field* by_list = nullptr;
    for (const auto* f : fields_of(group_path)) {
        const auto part = last_part(f->path);
        if (part == key) return is_placeholder(key) ? nullptr : f;
        if (!is_placeholder(part)) continue;
        const auto& names = all_names().at(std::string(part));
        if (std::ranges::find(names, key) != names.end()) by_list = f;
    }
    return by_list;
}

}  // namespace qslip::report
