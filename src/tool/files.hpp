#pragma once
// Small files a command line names: texts, token lists, limits.
#include <qslip/compare.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "files/input_file.hpp"

namespace qslip::tool {

using token_list = std::vector<std::int32_t>;

/// The whole file. Errors: limit (text_bytes), those of input_file.
result<std::string> read_text(const input_file& file, const limits& limits);

/// The whole file. Errors: those of input_file, limit (text_bytes).
result<std::string> read_text_file(const std::string& path, const limits& limits);

/// `[1,2,3]`. Errors: format, schema (naming `where`).
result<token_list> parse_token_list(const std::string& json, const std::string& where, const limits& limits);

/// A file that holds a JSON list of token lists.
result<std::vector<token_list>> read_token_lists(const std::string& path, const limits& limits);

/// Overrides fields of `limits` by the file's members, named as in core/limits.inc; "" changes nothing.
status read_limits(const std::string& path, limits& limits);

}  // namespace qslip::tool
