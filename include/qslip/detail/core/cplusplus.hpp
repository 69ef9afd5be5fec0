#pragma once

#if __cplusplus < 202002L
#error \
    "qslip needs C++20: compile with -std=c++20 (CMake: link qslip::qslip or qslip::headers, which asks for it)"
#endif
