// The vocabulary sweep, for the tier whose f64 operations come before.
#include <qslip/core/math-inl.h>
//
#include <qslip/metrics/sweep-inl.h>
