#include <qslip/qslip.hpp>

#include <string_view>

std::string_view version_seen_elsewhere() { return qslip::version_string(); }
