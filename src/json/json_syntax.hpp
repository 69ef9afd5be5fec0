#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace qslip {

struct json_fault {
    std::size_t byte;
    const char* what;
};

/// Where well-formed UTF-8 stops being JSON: simdjson says that it is not, this says where. Used on the way
/// to an error only. Finds every fault of structure, literals, strings and number syntax; empty when there is
/// none. No recursion; time and memory linear in the text.
std::optional<json_fault> find_json_fault(std::string_view text);

}  // namespace qslip
