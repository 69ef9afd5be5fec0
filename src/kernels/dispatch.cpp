#include <qslip/detail/core/isa.hpp>

#include <cstdlib>
#include <string>

#include "kernels/cpu.hpp"
#include "kernels/kernel_table.hpp"

namespace qslip {
namespace kernels {

extern const table scalar_table;
#if defined(__x86_64__)
extern const table avx2_table, avx_vnni_table, avx512_table;
#elif defined(__aarch64__)
extern const table neon_table, neon_dotprod_table, neon_i8mm_table;
#endif

const table* find_table(isa tier) noexcept {
    switch (tier) {
        case isa::scalar: return &scalar_table;
#if defined(__x86_64__)
        case isa::avx2: return &avx2_table;
        case isa::avx_vnni: return &avx_vnni_table;
        case isa::avx512: return &avx512_table;
#elif defined(__aarch64__)
        case isa::neon: return &neon_table;
        case isa::neon_dotprod: return &neon_dotprod_table;
        case isa::neon_i8mm: return &neon_i8mm_table;
#endif
        default: return nullptr;
    }
}

}  // namespace kernels

namespace {

std::string tier_names() {
    std::string names;
    for (const isa tier : all_isas) names += std::string(names.empty() ? "" : " ") + isa_name(tier);
    return names;
}

}  // namespace

const char* isa_name(isa tier) noexcept {
    switch (tier) {
#define QSLIP_ISA(name, architecture) \
    case isa::name:                   \
        return #name;
#include <qslip/detail/core/isa.inc>
#undef QSLIP_ISA
    }
    return "unknown";
}

bool isa_supported(isa tier) noexcept {
    return kernels::find_table(tier) != nullptr && kernels::cpu_runs(tier);
}

result<isa> resolve_isa(std::string_view forced) {
    if (forced.empty())
        if (const char* wanted = std::getenv("QSLIP_FORCE_ISA")) forced = wanted;
    isa best = isa::scalar;
    for (const isa tier : all_isas) {
        if (isa_supported(tier)) best = tier;
        if (forced != isa_name(tier)) continue;
        if (isa_supported(tier)) return tier;
        return status(errc::no_isa, "instruction set " + std::string(forced) + ": this machine lacks it");
    }
    if (forced.empty()) return best;
    return status(errc::arg, "unknown instruction set \"" + std::string(forced.substr(0, 64)) +
                                 "\"; known: " + tier_names());
}

}  // namespace qslip
