#include <doctest/doctest.h>
#include <atomic>
#include <vector>

#include "core/thread_team.hpp"

using qslip::thread_team;

TEST_CASE("every part runs once and sees what the others wrote before a sync") {
    for (const unsigned size : {1u, 2u, 3u, 7u}) {
        thread_team team(size);
        REQUIRE(team.size() == size);
        std::vector<unsigned> written(size);
        std::atomic<unsigned> wrong{0};
        for (unsigned round = 1; round <= 200; ++round)
            team.run([&](unsigned part) {
                written[part] = round;
                team.sync();
                for (const unsigned w : written) wrong += w != round;
                team.sync();
            });
        CHECK(wrong == 0);
    }
}

TEST_CASE("a team that never worked, and one that was moved, end") {
    thread_team idle(3);
    thread_team moved(std::move(idle));
    std::atomic<int> calls{0};
    moved.run([&](unsigned) { ++calls; });
    CHECK(calls == 3);
}
