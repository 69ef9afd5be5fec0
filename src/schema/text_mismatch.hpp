#pragma once
// Where the text of a value parts from a given value.
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/text_spans.hpp"

namespace qslip::schema {

/// What reads the text and pays for it.
struct text_reader {
    std::string_view text;  ///< up to its stop
    const text_spans& spans;
    std::uint64_t steps = 0;

    /// The byte of the comma behind node `at`; `none` when there is none yet.
    std::uint32_t comma_after(std::uint32_t at) const;
    /// The first byte with which the string (or key) at `at` can no longer become `target`.
    std::optional<std::uint32_t> string_mismatch(std::uint32_t at, std::string_view target);
    /// The same for any value: equal as JSON Schema means it, 1 is 1.0 and members come in any order.
    std::optional<std::uint32_t> value_mismatch(std::uint32_t at, const json_tree& tree,
                                                std::uint32_t target);
};

}  // namespace qslip::schema
