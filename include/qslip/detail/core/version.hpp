#pragma once

#define QSLIP_VERSION_MAJOR 0
#define QSLIP_VERSION_MINOR 1
#define QSLIP_VERSION_PATCH 0
#define QSLIP_VERSION_STRING "0.1.0"

namespace qslip {

/// Version of the compiled library, e.g. "0.1.0"; the macros above are the header's. Static storage.
const char* version_string() noexcept;

}  // namespace qslip
