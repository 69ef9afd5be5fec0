#pragma once
#include <qslip/suite.hpp>

#include "json/json_fields.hpp"

namespace qslip {

/// Reads one line into an item. Faults go to `faults`, each opened by `where` ("file:line"); the item is
/// of use only when none was added.
suite_item read_suite_line(json_reader& reader, std::string_view line, const std::string& where,
                           const limits& limits, json_faults& faults);

}  // namespace qslip
