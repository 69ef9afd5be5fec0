#pragma once
// The beginning of a JSON text, finished or not, as places in it.
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

#include "schema/value.hpp"

namespace qslip::schema {

/// In preorder, as json_tree: an object's children are key, value, key, value...
struct text_span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;   ///< one past the last byte read
    std::uint32_t next = 0;  ///< index just after this subtree
    std::uint32_t parent = none;
    schema::kind kind =
        kind::null;       ///< told by the first byte: numbers are decimal, literals by their letter
    bool closed = false;  ///< the text shows where it ends
};

struct text_spans {
    std::vector<text_span> nodes;
    std::size_t stop = 0;   ///< the first byte no JSON value can have; size of the text when there is none
    bool complete = false;  ///< the text is one JSON value

    /// Errors: limit (json_bytes, json_depth). No recursion.
    static result<text_spans> read(std::string_view text, const limits& limits);
};

}  // namespace qslip::schema
