#pragma once
// Values written out. The value's weight is charged; the text is bounded by the longest string there may be.
#include "text/chat/budget.hpp"

namespace qslip::chat {

/// Python's str() of the value; of what is nested its repr(). Errors: unsupported, budget, limit.
result<text> to_text(const value& v, budget& costs);
/// As Python's json.dumps(ensure_ascii=False) writes it; indent < 0: one line. Errors: unsupported, budget,
/// limit.
result<text> to_json(const value& v, std::int64_t indent, budget& costs);

}  // namespace qslip::chat
