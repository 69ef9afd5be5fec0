#pragma once
// The inside of a document: facts as result.json nests them.
#include <qslip/report.hpp>

#include <string>

#include "json/json_read.hpp"
#include "report/fact.hpp"

namespace qslip::report {

/// 2: always candidates[], one sign for every change, keys spelled out.
inline constexpr std::uint64_t schema_version = 2;

/// The group at `path` (field.inc) from JSON. Errors: schema, naming the member that is unknown, missing or
/// of another type.
result<fact> read_facts(const json_node& node, const std::string& path);

/// indent 0: one line. Ends with a newline.
std::string json_of(const fact& facts, unsigned indent);

/// The facts of one item for one candidate, as result.json's examples and items.jsonl tell them.
void add_item_facts(fact& to, const item_result& item);

}  // namespace qslip::report
