#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <functional>

namespace qslip {

/// One unit of work. `worker` is below the number of threads and no two calls share it at one time, so it
/// may choose scratch memory; what goes into a result may depend on `item` only.
using work_function = std::function<status(unsigned worker, std::size_t item)>;

/// Runs work for items 0 ... n_items-1 on up to n_threads threads (0: one per core), the caller's among
/// them. Returns the status of the lowest item that failed; items above it may not have run. A
/// std::bad_alloc becomes no_memory, any other exception internal. Works with fewer threads when the
/// system grants fewer.
status parallel_for(unsigned n_threads, std::size_t n_items, const work_function& work);

/// What 0 threads means: the number of cores, at least 1.
unsigned default_threads() noexcept;

}  // namespace qslip
