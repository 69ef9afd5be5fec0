#pragma once
// How a weight matrix lies in memory for the kernels: panels of 32 output columns by all inputs, each a
// run of blocks of 32 inputs. A block of stored floats is [32 inputs][32 columns]. A block of codes is
// [8 groups][32 columns][4 inputs] bytes (u8), or the low and high nibbles of 4 such groups (u4, codebook4:
// group g low, group g + 4 high), then [32 columns] scales, or [2 halves][32 columns] where 16 inputs share
// one, then as many minima if the type has them. Codes are unsigned, those of codebook4 are looked up first;
// weight = scale * (code - offset) [+ minimum], each operation rounded once. Padding columns are zero.
#include <cstddef>
#include <cstdint>

namespace qslip::kernels {

inline constexpr std::size_t panel_columns = 32, block_inputs = 32;

enum class weight_kind : std::uint8_t { f32, f16, bf16, u8, u4, codebook4 };
enum class scale_kind : std::uint8_t { f16, f32 };  ///< of scales and minima

/// What the panels of a weight type hold.
struct packing {
    weight_kind kind = weight_kind::f32;
    scale_kind scales = scale_kind::f16;
    std::uint8_t scale_inputs = 32;  ///< that share a scale: 32 or 16
    bool has_min = false;
    std::int32_t offset = 0;
    const std::uint8_t* codebook = nullptr;  ///< the 16 codes of codebook4
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
        case weight_kind::u4:
        case weight_kind::codebook4: return n / 2;
    }
    return 0;
}
constexpr bool has_scales(weight_kind kind) { return kind >= weight_kind::u8; }
constexpr std::size_t scale_bytes(const packing& p) { return p.scales == scale_kind::f32 ? 4 : 2; }
/// Scales of one column in one block.
constexpr std::size_t block_scales(const packing& p) { return block_inputs / p.scale_inputs; }
constexpr std::size_t block_bytes(const packing& p) {
    const std::size_t scales = block_scales(p) * panel_columns * scale_bytes(p);
    return code_bytes(p.kind) + (has_scales(p.kind) ? scales * (p.has_min ? 2 : 1) : 0);
}
constexpr std::size_t n_blocks(std::size_t n_in) { return (n_in + block_inputs - 1) / block_inputs; }
constexpr std::size_t n_panels(std::size_t n_out) { return (n_out + panel_columns - 1) / panel_columns; }
constexpr std::size_t panel_bytes(const packed_matrix& w) { return n_blocks(w.n_in) * block_bytes(w); }

}  // namespace qslip::kernels
