// Integer sums of one block of 32 inputs, for tiers with a dot product of four bytes per lane.
#include "kernels/body/put_bytes-inl.h"

/// Multiply-adds a lane and product instruction.
template <int bits, int digits>
constexpr float code_macs = 4.0f / digits;
QSLIP_INLINE void add_product(i32r& sum, i32r a, i32r b) { dot4<4>(sum, a, b); }

/// sums += the block's weights times one digit plane.
template <int bits, std::size_t rows>
QSLIP_INLINE void add_plane(const block_operands& in, const std::int8_t* plane,
                            i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t group = 0; group < bits; ++group) {
        i32r w[tile_regs], upper[tile_regs];
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            w[v] = load_i32(in.weights + (group * panel_columns + v * f32_lanes) * 4);
            if constexpr (bits == 4) {
                upper[v] = and_i32(shift_right<4>(w[v]), set1_i32(0x0F0F0F0F));
                w[v] = and_i32(w[v], set1_i32(0x0F0F0F0F));
                pin_i32(upper[v]);
            }
            pin_i32(w[v]);
        }
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            const std::int8_t* codes = plane + r * in.row_step + group * 4;
            const i32r first = load_codes(codes);
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v) dot4<bits>(sums[r][v], w[v], first);
            if constexpr (bits == 4) {
                const i32r second = load_codes(codes + 16);
                QSLIP_UNROLL
                for (std::size_t v = 0; v < tile_regs; ++v) dot4<bits>(sums[r][v], upper[v], second);
            }
        }
    }
}

/// sums [rows][tile_columns] = start + sum over the block of code * unsigned weight.
template <int bits, int digits, std::size_t rows>
QSLIP_INLINE void block_sums(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            sums[r][v] = set1_i32(digits == 1 ? in.starts[r * in.start_step] : 0);
    }
    add_plane<bits>(in, in.codes, sums);
    if constexpr (digits == 2) {
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v)
                sums[r][v] = add_i32(shift_left<8>(sums[r][v]), set1_i32(in.starts[r * in.start_step]));
        }
        add_plane<bits>(in, in.codes + block_inputs, sums);
    }
}
