#pragma once
#include <qslip/detail/core/isa.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace qslip {

/// How fast one kernel runs, beside what the units it uses can do at best in this process.
struct kernel_speed {
    std::string name;           ///< e.g. "matmul f32 q8_0 a8 264x576x576"
    double mac_per_cycle = 0;   ///< multiply-adds; for a sweep: vocabulary entries
    double peak_per_cycle = 0;  ///< 0: no such limit
    double fraction() const { return peak_per_cycle > 0 ? mac_per_cycle / peak_per_cycle : 0; }
};

/// Clock of this thread's core in GHz, by a chain of dependent additions.
double measure_clock_ghz();

/// The products with weights of each coded type and mode, attention, and the vocabulary sweep, on data in
/// cache; medians over about a second in all. The machine must support `tier`. Allocates.
std::vector<kernel_speed> measure_kernels(isa tier);

/// Gigabytes (1e9) per second at which `n_threads` threads together read `size_bytes` of memory again and
/// again: what a decoder of weights of that size could reach. Allocates as much; 0 where that fails.
double measure_read_gb_s(std::uint64_t size_bytes, unsigned n_threads);

}  // namespace qslip
