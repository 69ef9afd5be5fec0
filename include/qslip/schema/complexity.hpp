#pragma once
// How much structure a JSON Schema asks for: format compliance falls with it, so suites are cut in tiers by
// it.
#include <qslip/schema/schema.hpp>

#include <cstdint>

namespace qslip::schema {

enum class complexity_tier : std::uint8_t { s0, s1, s2, s3 };

constexpr const char* name(complexity_tier t) noexcept {
    constexpr const char* names[] = {"S0", "S1", "S2", "S3"};
    return names[static_cast<std::size_t>(t)];
}

/// Counts over the schema as an output sees it: `$ref` counts as what it points to at each place, but for one
/// that leads back to a schema it stands in, which is a recursion. Source: the project's metrics, 6.2.
struct complexity {
    std::uint64_t depth = 0;                ///< deepest nesting of objects and arrays
    std::uint64_t n_required = 0;           ///< scalar leaves that must be there; array items inherit it
    std::uint64_t n_optional = 0;           ///< other scalar leaves
    std::uint64_t n_arrays = 0;             ///< arrays
    std::uint64_t n_arrays_of_objects = 0;  ///< of those, the ones whose items are objects
    std::uint64_t n_constraints = 0;        ///< keywords that bound a value; additionalProperties if false
    std::uint64_t n_combinators = 0;        ///< anyOf, oneOf, allOf, not, if
    std::uint64_t n_recursions = 0;         ///< references back to a schema around them

    /// C, >= 0, no unit; more is harder.
    constexpr double points() const noexcept {
        const auto of = [](std::uint64_t n) { return static_cast<double>(n); };
        return 3 * of(depth > 1 ? depth - 1 : 0) + of(n_required) + 0.5 * of(n_optional) + 2 * of(n_arrays) +
               3 * of(n_arrays_of_objects) + of(n_constraints) + 4 * of(n_combinators) + 6 * of(n_recursions);
    }
    /// S0: C < 5, S1: C < 12, S2: C < 25, S3: the rest.
    constexpr complexity_tier tier() const noexcept {
        const double c = points();
        return c < 5    ? complexity_tier::s0
               : c < 12 ? complexity_tier::s1
               : c < 25 ? complexity_tier::s2
                        : complexity_tier::s3;
    }
    friend bool operator==(const complexity&, const complexity&) = default;
};

/// Thread-safe; no recursion.
/// Errors: budget (references spread the schema over more than schema_steps places).
result<complexity> complexity_of(const compiled& schema);

}  // namespace qslip::schema
