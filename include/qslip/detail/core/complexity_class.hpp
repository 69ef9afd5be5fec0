#pragma once
#include <cstddef>
#include <cstdint>

namespace qslip {

/// How much structure a JSON Schema asks for, least first: schema::class_of().
enum class complexity_class : std::uint8_t { s0, s1, s2, s3 };

inline constexpr complexity_class all_complexity_classes[] = {complexity_class::s0, complexity_class::s1,
                                                              complexity_class::s2, complexity_class::s3};

/// "S0" to "S3".
constexpr const char* complexity_class_name(complexity_class c) noexcept {
    constexpr const char* names[] = {"S0", "S1", "S2", "S3"};
    return names[static_cast<std::size_t>(c)];
}

}  // namespace qslip
