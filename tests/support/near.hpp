#pragma once
#include <cmath>

namespace qslip_test {

/// The tolerance of golden values: absolute 1e-12 (or as given) or 1e-9 relative.
inline bool near(double got, double expected, double absolute = 1e-12, double relative = 1e-9) {
    const double gap = std::fabs(got - expected);
    return gap <= absolute || gap <= relative * std::fabs(expected);
}

}  // namespace qslip_test
