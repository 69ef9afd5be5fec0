#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace qslip {

/// Storage type of a tensor; values are GGUF's own. The list is core/dtype.inc.
enum class dtype : std::uint32_t {
#define QSLIP_DTYPE(name, text, id, file_type, weights, bytes, fallback) name = id,
#include <qslip/detail/core/dtype.inc>
#undef QSLIP_DTYPE
};

/// Weights are stored in blocks: `block_weights` numbers in `block_bytes` bytes.
struct dtype_info {
    dtype type;
    std::string_view name;
    std::uint32_t file_type;  ///< general.file_type of a file mostly of this type
    std::uint32_t block_weights;
    std::uint32_t block_bytes;
    dtype fallback;  ///< for rows that are no whole blocks

    constexpr double bits_per_weight() const { return 8.0 * block_bytes / block_weights; }
};

inline constexpr dtype_info all_dtypes[] = {
#define QSLIP_DTYPE(name, text, id, file_type, weights, bytes, fallback) \
    {dtype::name, #text, file_type, weights, bytes, dtype::fallback},
#include <qslip/detail/core/dtype.inc>
#undef QSLIP_DTYPE
};

/// Equal but for the case of ASCII letters.
constexpr bool same_name(std::string_view a, std::string_view b) noexcept {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (upper(a[i]) != upper(b[i])) return false;
    return true;
}

/// Empty for a number that is not in the list.
constexpr std::optional<dtype_info> find_dtype(std::uint32_t gguf_type) noexcept {
    for (const auto& d : all_dtypes)
        if (static_cast<std::uint32_t>(d.type) == gguf_type) return d;
    return std::nullopt;
}
/// By its name in any letter case, e.g. "Q8_0" or "q8_0".
constexpr std::optional<dtype_info> find_dtype(std::string_view name) noexcept {
    for (const auto& d : all_dtypes)
        if (same_name(d.name, name)) return d;
    return std::nullopt;
}
constexpr dtype_info info_of(dtype t) noexcept { return *find_dtype(static_cast<std::uint32_t>(t)); }

}  // namespace qslip
