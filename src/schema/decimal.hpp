#pragma once
// Exact decimals: where doubles and 64-bit integers lie (1e400, 0.1 + 0.2, 2^53 + 1).
#include <cstdint>
#include <string>

#include "schema/value.hpp"

namespace qslip::schema {

/// (-1)^negative * digits * 10^exponent; digits without leading or trailing zeros, empty for zero. One number
/// has one form, so equal numbers have equal members.
struct decimal {
    bool negative = false;
    std::string digits;
    std::int64_t exponent = 0;

    static decimal of(const value_node& number);
    bool is_whole() const noexcept { return exponent >= 0; }
    std::uint64_t hash() const noexcept;
    friend bool operator==(const decimal&, const decimal&) = default;
};

/// < 0, 0, > 0 as a is below, equal to, above b.
int compare(const decimal& a, const decimal& b) noexcept;

/// a / b is whole; b > 0. `steps` is what the division cost, to be charged to a budget; empty digits of cost
/// beyond `budget` leave `answered` false.
struct division {
    bool multiple = false;
    bool answered = true;
    std::uint64_t steps = 1;
};
division is_multiple(const decimal& a, const decimal& b, std::uint64_t budget);

}  // namespace qslip::schema
