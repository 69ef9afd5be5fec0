#include <cstdio>

#include "tool/verbs.hpp"

namespace qslip::tool {

int report_error(const status& why) {
    std::fprintf(stderr, "qslip: %s\n", why.message());
    return why.code() == errc::not_comparable ? exit_not_comparable : exit_could_not_run;
}

}  // namespace qslip::tool
