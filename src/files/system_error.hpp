#pragma once
#include <qslip/detail/core/text.hpp>
#include <qslip/errors.hpp>

#include <string>
#include <system_error>

namespace qslip {

/// "<path>: <what>: <system text> (errno N)". The text comes from the C++ library: strerror is not
/// thread-safe.
inline status system_error(const std::string& path, const std::string& what, int error_number) {
    return {errc::io, escaped(path) + ": " + what + ": " + std::generic_category().message(error_number) +
                          " (errno " + std::to_string(error_number) + ")"};
}

}  // namespace qslip
