#include <doctest/doctest.h>
#include <limits>

#include "core/checked.hpp"

using qslip::align_up;
using qslip::checked_size;

TEST_CASE("checked sizes remember overflow at every power-of-two boundary") {
    constexpr auto max = std::numeric_limits<std::uint64_t>::max();
    for (unsigned bit = 1; bit < 64; ++bit) {
        const std::uint64_t n = 1ull << bit;
        CHECK((checked_size(n) + (max - n)).get() == max);
        CHECK_FALSE((checked_size(n) + (max - n + 1)).get().has_value());
        CHECK((checked_size(n) * (max / n)).get() == n * (max / n));
        CHECK_FALSE((checked_size(n) * (max / n + 1)).get().has_value());
    }
    const auto overflowed = checked_size(max) + 1;
    CHECK_FALSE((overflowed * 0).get().has_value());
    CHECK_FALSE(overflowed.at_most(max));
}

TEST_CASE("align_up reaches the next multiple or overflows") {
    CHECK(align_up(0, 32).get() == 0u);
    CHECK(align_up(1, 32).get() == 32u);
    CHECK(align_up(32, 32).get() == 32u);
    CHECK_FALSE(align_up(std::numeric_limits<std::uint64_t>::max() - 3, 32).get().has_value());
}
