#include "eval/tasks/schema_faults.hpp"

#include <algorithm>

namespace qslip {

using metrics::format_fault;

static format_fault fault_of_keyword(std::string_view keyword) {
    if (keyword == "type") return format_fault::wrong_type;
    if (keyword == "required" || keyword == "dependentRequired") return format_fault::missing_required;
    if (keyword == "additionalProperties" || keyword == "unevaluatedProperties" || keyword == "propertyNames")
        return format_fault::extra_key;
    return keyword == "enum" || keyword == "const" ? format_fault::enum_miss : format_fault::constraint_miss;
}

/// Keywords whose failure is that of schemas below, each of which tells its own.
static bool only_passes_on(std::string_view keyword) {
    static constexpr std::string_view names[] = {
        "$ref",  "$dynamicRef",      "$recursiveRef",   "properties", "patternProperties",
        "items", "prefixItems",      "additionalItems", "allOf",      "then",
        "else",  "dependentSchemas", "dependencies"};
    return std::ranges::find(names, keyword) != std::end(names);
}

/// Errors stand behind their causes; alternatives that failed count as one missed constraint.
void note_schema_faults(const std::vector<schema::error>& errors, metrics::structured_answer& out) {
    for (auto i = errors.size(); i > 0;) {
        const auto& e = errors[i - 1];
        if (e.n_causes > 0 && only_passes_on(e.keyword)) {
            --i;
            continue;
        }
        // A schema that is `false` has no keyword of its own: what leads to it says what is wrong.
        const auto way = e.keyword_location.substr(e.keyword_location.rfind('/') + 1);
        out.note(fault_of_keyword(e.keyword.empty() ? way : e.keyword));
        i -= std::min<std::size_t>(i, 1 + e.n_causes);
    }
}

format_fault fault_of(const status& refused) {
    if (refused.code() == errc::schema) return format_fault::duplicate_key;
    return refused.code() == errc::format ? format_fault::syntax : format_fault::budget;
}

}  // namespace qslip
