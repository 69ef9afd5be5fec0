#pragma once
// What result.json and items.jsonl may say: the list is field.inc.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qslip::report {

enum class field_kind {
#define QSLIP_FIELD_KIND(id, json, unit) id,
#include "report/field_kind.inc"
#undef QSLIP_FIELD_KIND
};
enum class presence { always, or_null, if_any };

struct field {
    std::string_view path;  ///< as in field.inc
    field_kind kind;
    presence when;
    std::string_view heading, text;
};

/// Every field, in the order of field.inc.
std::span<const field> all_fields();
/// As a reader calls it: "share in [0, 1]".
std::string_view unit_of(field_kind kind);

/// The member `key` of the group at `group_path` ("" is the document), `key` standing for a <name> where its
/// list has it; nullptr when there is no such field.
const field* find_field(std::string_view group_path, std::string_view key);
/// The field whose path it is; nullptr when there is none.
const field* field_at(std::string_view path);
/// The members of the group at `group_path`.
std::span<const field* const> fields_of(std::string_view group_path);
/// What `<name>` stands for.
std::vector<std::string> names_of(std::string_view placeholder);

/// The last part of a path: "mean", "<distance>".
std::string_view last_part(std::string_view path);
inline bool is_placeholder(std::string_view part) { return part.find('<') != part.npos; }

}  // namespace qslip::report
