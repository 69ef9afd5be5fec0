#pragma once
#include <qslip/detail/core/isa.hpp>

namespace qslip::kernels {

/// True when processor and operating system can run the tier (x86: CPUID and XCR0 both).
bool cpu_runs(isa tier) noexcept;

}  // namespace qslip::kernels
