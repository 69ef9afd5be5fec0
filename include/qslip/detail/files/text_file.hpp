#pragma once
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <string>

namespace qslip {

class input_file;

/// The whole file. Errors: not_found (names the nearest file), not_regular, io, limit (text_bytes).
result<std::string> read_text_file(const std::string& path, const limits& limits);
result<std::string> read_text_file(const input_file& file, const limits& limits);

}  // namespace qslip
