#include "kernels/cpu.hpp"

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace qslip::kernels {

#if defined(__x86_64__)
namespace {

constexpr bool has(std::uint64_t word, std::uint64_t bits) { return (word & bits) == bits; }

/// Which register state the operating system saves; 0 without XSAVE.
std::uint64_t saved_state(unsigned ecx1) {
    if (!has(ecx1, 1u << 27)) return 0;  // OSXSAVE
    std::uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
}

struct features {
    bool avx2 = false, avx_vnni = false, avx512 = false;
    features() {
        unsigned eax, ebx, ecx1, ebx7, ecx7, edx;
        if (!__get_cpuid(1, &eax, &ebx, &ecx1, &edx)) return;
        if (!__get_cpuid_count(7, 0, &eax, &ebx7, &ecx7, &edx)) return;
        const std::uint64_t state = saved_state(ecx1);
        const unsigned fma = 1u << 12, avx = 1u << 28, f16c = 1u << 29;
        avx2 = has(state, 0x6) && has(ecx1, fma | avx | f16c) && has(ebx7, 1u << 5);
        unsigned eax1, other;
        avx_vnni =
            avx2 && eax >= 1 && __get_cpuid_count(7, 1, &eax1, &other, &other, &other) && has(eax1, 1u << 4);
        const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
        const unsigned vnni = 1u << 11;
        avx512 = avx2 && has(state, 0xE6) && has(ebx7, f | dq | bw | vl) && has(ecx7, vnni);
    }
};

}  // namespace

bool cpu_runs(isa tier) noexcept {
    static const features cpu;
    return tier == isa::scalar || (tier == isa::avx2 && cpu.avx2) ||
           (tier == isa::avx_vnni && cpu.avx_vnni) || (tier == isa::avx512 && cpu.avx512);
}
#elif defined(__aarch64__)
bool cpu_runs(isa tier) noexcept {
    switch (tier) {
        case isa::scalar:
        case isa::neon: return true;
        case isa::neon_dotprod: return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
        case isa::neon_i8mm: return (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
        default: return false;
    }
}
#else
bool cpu_runs(isa tier) noexcept { return tier == isa::scalar; }
#endif

}  // namespace qslip::kernels
