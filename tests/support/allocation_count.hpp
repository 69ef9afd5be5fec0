#pragma once
#include <cstddef>

namespace qslip::test {

/// What operator new handed out on this thread since reset(). Link support/allocation_count.cpp.
struct allocation_count {
    std::size_t live_bytes = 0, peak_bytes = 0, largest_bytes = 0;
};
allocation_count& allocations() noexcept;
inline void reset_allocations() noexcept { allocations() = {}; }

}  // namespace qslip::test
