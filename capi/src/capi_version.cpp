#include <qslip/detail/core/version.hpp>
#include <qslip/errors.hpp>

#include <qslip.h>

uint32_t qslip_abi_version(void) { return QSLIP_ABI_VERSION; }

const char* qslip_version_string(void) { return qslip::version_string(); }

const char* qslip_status_name(qslip_status code) { return qslip::errc_name(static_cast<qslip::errc>(code)); }
