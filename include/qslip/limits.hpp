#pragma once
#include <qslip/detail/core/cplusplus.hpp>

#include <cstdint>

namespace qslip {

/// What qslip accepts from files and callers. One struct for the whole library; every field may be
/// lowered or raised, and the values in force are part of a run's report.
/// The list with its defaults is core/limits.inc.
struct limits {
#define QSLIP_LIMIT(name, default_value, text) std::uint64_t name = default_value;
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
};

}  // namespace qslip
