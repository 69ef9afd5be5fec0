#pragma once
#include <cmath>
#if __has_include(<qslip/core/math.hpp>)
#include <qslip/core/math.hpp>
#else  // until core/math.hpp lands
namespace qslip::math {
using std::exp;
using std::expm1;
using std::log;
using std::log1p;
}  // namespace qslip::math
#endif

/// The elementary functions every statistic is built on. Only operations that IEEE 754 rounds
/// exactly (sqrt, floor, fabs) are taken from std: no verdict depends on the machine's libm.
namespace qslip::stats {

using qslip::math::exp;
using qslip::math::expm1;
using qslip::math::log;
using qslip::math::log1p;

}  // namespace qslip::stats
