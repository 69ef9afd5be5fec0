#pragma once
#include <qslip/limits.hpp>

#include "text/chat/template_syntax.hpp"

namespace qslip::chat {

/// Runs the tree with `variables`. Errors carry the line of the template.
result<text> render_tree(const tree& t, const std::vector<std::pair<std::string, value>>& variables,
                         const limits& limits);

}  // namespace qslip::chat
