#include <doctest/doctest.h>
#include <atomic>
#include <new>
#include <qslip/detail/core/parallel.hpp>
#include <string>
#include <vector>

using namespace qslip;

TEST_CASE("parallel_for runs every item once, whatever the number of threads") {
    for (const unsigned n_threads : {0u, 1u, 2u, 7u}) {
        std::vector<std::atomic<int>> runs(100);
        CHECK(parallel_for(n_threads, runs.size(), [&](unsigned, std::size_t i) {
                  ++runs[i];
                  return status();
              }).ok());
        for (const auto& n : runs) CHECK(n == 1);
    }
    CHECK(parallel_for(4, 0, [](unsigned, std::size_t) { return status(errc::internal, ""); }).ok());
}

TEST_CASE("parallel_for reports the lowest failing item and turns exceptions into statuses") {
    for (const unsigned n_threads : {1u, 2u, 7u})
        for (int repeat = 0; repeat < 20; ++repeat) {
            const status s = parallel_for(n_threads, 50, [](unsigned, std::size_t i) {
                return i % 10 == 7 ? status(errc::arg, "item " + std::to_string(i)) : status();
            });
            CHECK(std::string(s.message()) == "item 7");
        }
    const status s = parallel_for(2, 3, [](unsigned, std::size_t) -> status { throw std::bad_alloc(); });
    CHECK(s.code() == errc::no_memory);
}
