#pragma once
#include <qslip/detail/core/math.hpp>

#include <cmath>

/// The elementary functions every statistic is built on. Only operations that IEEE 754 rounds
/// exactly (sqrt, floor, fabs) are taken from std: no verdict depends on the machine's libm.
namespace qslip::stats {

using qslip::math::exp;
using qslip::math::expm1;
using qslip::math::log;
using qslip::math::log1p;

}  // namespace qslip::stats
