#pragma once
// Files that a command line names: what they may be, and what may be written.
#include <qslip/compare.hpp>

#include <span>
#include <string>

namespace qslip::tool {

/// model::open, and a sentence on what to do for a folder or a baseline capsule.
result<model> open_model(const std::string& path, const model_options& options);

/// Ok unless `path` is a folder or a baseline capsule: those are not models, and the message says what may be
/// done with them.
status check_may_be_model(const std::string& path, const limits& limits);

/// Ok unless `out` is one of the inputs, under any name or link.
status refuse_overwriting_input(const std::string& out, std::span<const std::string> inputs);

/// Ok unless `out` exists.
status refuse_overwriting(const std::string& out);

}  // namespace qslip::tool
