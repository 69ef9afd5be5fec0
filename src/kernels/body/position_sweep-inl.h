// The vocabulary sweep, for the tier whose f64 operations come before.
#include <qslip/detail/core/math-inl.h>
//
#include <qslip/detail/metrics/sweep-inl.h>
