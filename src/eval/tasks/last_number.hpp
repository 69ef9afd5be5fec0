#pragma once
#include <optional>
#include <string_view>

namespace qslip {

/// The last number of `text` (docs/suite.md); empty when there is none or it is beyond a double.
/// `decimal` is '.' or ','; the other one may part groups of three digits.
std::optional<double> last_number(std::string_view text, char decimal);

}  // namespace qslip
