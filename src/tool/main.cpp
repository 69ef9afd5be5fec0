#include <qslip/core/version.hpp>

#include <cstdio>

int main() {
    std::printf("qslip %s\n", qslip::version_string());
    return 0;
}
