#pragma once
#include <qslip/detail/core/cplusplus.hpp>

#include <optional>
#include <string_view>

namespace qslip {

/// Numerics modes of the forward pass; the list is core/numerics.inc. Weights stored as floats are multiplied
/// in fp32 in every mode; so are attention, norms and gates.
enum class numerics : unsigned char {
#define QSLIP_NUMERICS(name, activations) name,
#include <qslip/detail/core/numerics.inc>
#undef QSLIP_NUMERICS
};

inline constexpr numerics all_numerics[] = {
#define QSLIP_NUMERICS(name, activations) numerics::name,
#include <qslip/detail/core/numerics.inc>
#undef QSLIP_NUMERICS
};

/// The mode's name as written in core/numerics.inc. Static storage.
constexpr const char* numerics_name(numerics mode) noexcept {
    switch (mode) {
#define QSLIP_NUMERICS(name, activations) \
    case numerics::name:                  \
        return #name;
#include <qslip/detail/core/numerics.inc>
#undef QSLIP_NUMERICS
    }
    return "unknown";
}

/// The mode of that name, if there is one.
constexpr std::optional<numerics> find_numerics(std::string_view name) noexcept {
    for (const numerics mode : all_numerics)
        if (name == numerics_name(mode)) return mode;
    return std::nullopt;
}

}  // namespace qslip
