#pragma once
#include <qslip/errors.hpp>

#include <string_view>

namespace qslip {

/// Instruction-set tiers the kernels are built for, slowest first; the list is core/isa.inc.
enum class isa {
#define QSLIP_ISA(name, architecture) name,
#include <qslip/detail/core/isa.inc>
#undef QSLIP_ISA
};

/// Every tier, in the list's order.
inline constexpr isa all_isas[] = {
#define QSLIP_ISA(name, architecture) isa::name,
#include <qslip/detail/core/isa.inc>
#undef QSLIP_ISA
};

/// The tier's name as written in core/isa.inc. Static storage.
const char* isa_name(isa tier) noexcept;

/// True when this build holds the tier and both processor and operating system can run it.
bool isa_supported(isa tier) noexcept;

/// The tier to run: `forced` by name, else the environment's QSLIP_FORCE_ISA, else the best one here.
/// Errors: arg for an unknown name, no_isa for a tier this machine lacks.
result<isa> resolve_isa(std::string_view forced);

}  // namespace qslip
