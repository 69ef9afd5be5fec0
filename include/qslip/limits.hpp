#pragma once
#include <qslip/detail/core/cplusplus.hpp>
#include <qslip/errors.hpp>

#include <cstdint>
#include <string>

namespace qslip {

/// What qslip accepts from files and callers. One struct for the whole library; every field may be
/// lowered or raised, and the values in force are part of a run's report.
/// The list with its defaults is core/limits.inc.
struct limits {
#define QSLIP_LIMIT(name, default_value, text) std::uint64_t name = default_value;
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
};

/// Overrides the fields that the JSON object in the file names: {"model_bytes": 1000000000}.
/// Errors: those of reading; schema (no limit of that name, with the nearest; not a whole number). `changed`
/// may have been changed in part then.
status read_limits(const std::string& path, limits& changed);

}  // namespace qslip
