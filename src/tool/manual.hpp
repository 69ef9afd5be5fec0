#pragma once
#include <CLI/App.hpp>
#include <string>

namespace qslip::tool {

/// The manual page qslip(1), in the man macros.
std::string manual_page(const CLI::App& app);

/// A script that completes verbs, options and file names in bash.
std::string bash_completion(const CLI::App& app);

}  // namespace qslip::tool
