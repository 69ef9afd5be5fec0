#include <qslip/detail/core/version.hpp>

namespace qslip {

const char* version_string() noexcept { return QSLIP_VERSION_STRING; }

}  // namespace qslip
