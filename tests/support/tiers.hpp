#pragma once
// The kernel tables a test can run here: every tier of this machine and the emulated 16-lane one.
#include <cstdio>
#include <string>
#include <vector>

#include "kernels/kernel_table.hpp"

namespace qslip::test {

extern const kernels::table wide_table;  // tests/kernels/isa_wide.cpp

struct tier {
    std::string name;
    const kernels::table* ops;
};

/// The scalar tier, which defines the results, first.
inline const std::vector<tier>& tiers() {
    static const std::vector<tier> all = [] {
        std::vector<tier> out;
        for (const isa t : all_isas) {
            const bool runs = isa_supported(t);
            std::printf("tier %s: %s\n", isa_name(t),
                        !runs                  ? "not run"
                        : QSLIP_TESTS_EMULATED ? "emulated"
                                               : "native");
            if (runs) out.push_back({isa_name(t), kernels::find_table(t)});
        }
        std::printf("tier wide (16 lanes, AVX-512 shapes): emulated\n");
        out.push_back({"wide", &wide_table});
        return out;
    }();
    return all;
}

}  // namespace qslip::test
