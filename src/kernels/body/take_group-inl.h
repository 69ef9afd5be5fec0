// The weights of four inputs, as bytes.
#include "kernels/body/block_operands-inl.h"

/// One register of a group of nibbles or indices; stored: of two groups, the second in the high nibbles.
template <code_form form>
QSLIP_INLINE i32r unpacked(i32r stored, bool is_high, byte_table table) {
    const i32r nibbles = and_i32(is_high ? shift_right<4>(stored) : stored, set1_i32(0x0F0F0F0F));
    return form == code_form::indices ? look_up(table, nibbles) : nibbles;
}

/// Inputs 4 group ... 4 group + 3 of the tile's columns.
template <code_form form>
QSLIP_INLINE void take_group(const block_operands& in, std::size_t group, i32r (&w)[tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t v = 0; v < tile_regs; ++v) {
        const std::size_t row = group % stored_groups<form>;
        w[v] = load_i32(in.weights + (row * panel_columns + v * f32_lanes) * group_inputs);
        if constexpr (stored_groups<form> == 4) w[v] = unpacked<form>(w[v], group >= 4, in.table);
        pin_i32(w[v]);
    }
}
