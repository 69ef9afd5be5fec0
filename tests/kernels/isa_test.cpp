#include <qslip/detail/core/isa.hpp>

#include <doctest/doctest.h>
#include <cstdlib>
#include <string>

#include "support/tiers.hpp"

using namespace qslip;

TEST_CASE("a forced tier is the one that runs, or an error") {
    for (const isa tier : all_isas) {
        const auto got = resolve_isa(isa_name(tier));
        if (isa_supported(tier)) {
            REQUIRE(got.ok());
            CHECK(*got == tier);
            CHECK(kernels::find_table(*got)->tier == tier);
        } else {
            CHECK(got.status().code() == errc::no_isa);
        }
    }
    const auto unknown = resolve_isa("sse9");
    CHECK(unknown.status().code() == errc::arg);
    CHECK(std::string(unknown.status().message()).find("avx512") != std::string::npos);
}

TEST_CASE("QSLIP_FORCE_ISA counts when no tier is named") {
    const char* before = std::getenv("QSLIP_FORCE_ISA");
    const std::string kept = before ? before : "";
    setenv("QSLIP_FORCE_ISA", "scalar", 1);
    CHECK(*resolve_isa("") == isa::scalar);
    setenv("QSLIP_FORCE_ISA", "nonsense", 1);
    CHECK(resolve_isa("").status().code() == errc::arg);
    CHECK(resolve_isa("scalar").ok());
    if (before)
        setenv("QSLIP_FORCE_ISA", kept.c_str(), 1);
    else
        unsetenv("QSLIP_FORCE_ISA");
}
