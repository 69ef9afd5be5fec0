#pragma once
// How a weight matrix lies in memory for the kernels: panels of 32 output columns by all inputs, each a
// run of blocks of 32 inputs. A block of stored floats is [32 inputs][32 columns]. A block of codes is
// [8 groups][32 columns][4 inputs] bytes (u8), or the low and high nibbles of 4 such groups (u4: group g
// low, group g + 4 high), then 32 F16 scales, then 32 F16 minima if the type has them. Codes are unsigned;
// weight = scale * (code - offset) [+ minimum], each operation rounded once. Padding columns are zero.
#include <cstddef>
#include <cstdint>

namespace qslip::kernels {

inline constexpr std::size_t panel_columns = 32, block_inputs = 32;

enum class weight_kind : std::uint8_t { f32, f16, bf16, u8, u4 };

/// What the panels of a weight type hold.
struct packing {
    weight_kind kind = weight_kind::f32;
    bool has_min = false;
    std::int32_t offset = 0;
};

struct packed_matrix : packing {
    const std::uint8_t* panels = nullptr;  ///< 64-byte aligned, owned by the model's arena
    std::size_t n_out = 0, n_in = 0;
};

constexpr std::size_t code_bytes(weight_kind kind) {
    constexpr std::size_t n = panel_columns * block_inputs;
    switch (kind) {
        case weight_kind::f32: return n * 4;
        case weight_kind::f16: return n * 2;
        case weight_kind::bf16: return n * 2;
        case weight_kind::u8: return n;
        case weight_kind::u4: return n / 2;
    }
    return 0;
}
constexpr bool has_scales(weight_kind kind) { return kind >= weight_kind::u8; }
constexpr std::size_t block_bytes(weight_kind kind, bool has_min) {
    return code_bytes(kind) + (has_scales(kind) ? 64u : 0u) + (has_min ? 64u : 0u);
}
constexpr std::size_t n_blocks(std::size_t n_in) { return (n_in + block_inputs - 1) / block_inputs; }
constexpr std::size_t n_panels(std::size_t n_out) { return (n_out + panel_columns - 1) / panel_columns; }
constexpr std::size_t panel_bytes(const packed_matrix& w) {
    return n_blocks(w.n_in) * block_bytes(w.kind, w.has_min);
}

}  // namespace qslip::kernels
