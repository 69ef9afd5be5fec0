// Two translation units that include everything, linked to the C++ library: nothing is defined twice.
#include <qslip/qslip.hpp>

#include <cstdio>
#include <string_view>

std::string_view version_seen_elsewhere();

int main() {
    if (version_seen_elsewhere() != QSLIP_VERSION_STRING) return 1;
    const auto missing = qslip::model::open("no/such/model.gguf");
    if (missing || missing.status().code() != qslip::errc::not_found) return 1;
    std::printf("%s\n", missing.status().message());
    return 0;
}
