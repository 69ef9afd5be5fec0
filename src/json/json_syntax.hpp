#pragma once
#include "json/json_scanner.hpp"

namespace qslip {

/// Where well-formed UTF-8 stops being JSON: simdjson says that it is not, this says where. Used on the way
/// to an error only. Finds every fault of structure, literals, strings and number syntax; empty when there is
/// none. Time and memory linear in the text.
std::optional<json_fault> find_json_fault(std::string_view text);

/// The size of the JSON value at the front of `text`, whatever follows; empty when it is broken or cut off.
std::optional<std::size_t> json_value_bytes(std::string_view text);

}  // namespace qslip
