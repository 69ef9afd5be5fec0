#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace qslip {

/// Storage type of a tensor; values are GGUF's own. The list is core/dtype.inc.
enum class dtype : std::uint32_t {
#define QSLIP_DTYPE(name, text, id, file_type, weights, bytes) name = id,
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

    constexpr double bits_per_weight() const { return 8.0 * block_bytes / block_weights; }
};

inline constexpr dtype_info all_dtypes[] = {
#define QSLIP_DTYPE(name, text, id, file_type, weights, bytes) \
    {dtype::name, #text, file_type, weights, bytes},
#include <qslip/detail/core/dtype.inc>
#undef QSLIP_DTYPE
};

/// Empty for a number that is not in the list.
constexpr std::optional<dtype_info> find_dtype(std::uint32_t gguf_type) noexcept {
    for (const auto& d : all_dtypes)
        if (static_cast<std::uint32_t>(d.type) == gguf_type) return d;
    return std::nullopt;
}
/// By its upper-case name, e.g. "Q8_0".
constexpr std::optional<dtype_info> find_dtype(std::string_view name) noexcept {
    for (const auto& d : all_dtypes)
        if (d.name == name) return d;
    return std::nullopt;
}
constexpr dtype_info info_of(dtype t) noexcept { return *find_dtype(static_cast<std::uint32_t>(t)); }

}  // namespace qslip
