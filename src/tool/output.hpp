#pragma once
#include <qslip/errors.hpp>

#include <string>

namespace qslip::tool {

/// One finished JSON document on stdout.
void print_json(const std::string& document);

/// "qslip: <message>" on stderr; as JSON also {"error":{"code":...,"message":...}} on stdout.
/// Returns exit_not_comparable for errc::not_comparable, else exit_could_not_run.
int report_error(const status& why, bool json);

}  // namespace qslip::tool
