// Integer sums of one block of 32 inputs, for tiers with a dot product of four bytes per lane.
#include "kernels/body/put_bytes-inl.h"

/// Multiply-adds a lane and product instruction.
template <int bits, int digits>
constexpr float code_macs = 4.0f / digits;
QSLIP_INLINE void add_product(i32r& sum, i32r a, i32r b) { dot4<4>(sum, a, b); }

/// sums += a group's weights times one digit plane.
template <code_form form, std::size_t rows>
QSLIP_INLINE void add_group(const block_operands& in, std::size_t group, const std::int8_t* plane,
                            i32r (&sums)[rows][tile_regs]) {
    i32r w[tile_regs];
    take_group<form>(in, group, w);
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        const i32r codes = load_codes(plane + r * in.row_step + group * group_inputs);
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) dot4<dot_bits<form>>(sums[r][v], w[v], codes);
    }
}

template <code_form form, block_part part, std::size_t rows>
QSLIP_INLINE void add_plane(const block_operands& in, const std::int8_t* plane,
                            i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t group = 0; group < 4; ++group) {
        if constexpr (part != block_part::last) add_group<form>(in, group, plane, sums);
        if constexpr (part != block_part::first) add_group<form>(in, group + 4, plane, sums);
    }
}

/// sums [rows][tile_columns] = start + sum over the part of code * unsigned weight.
template <code_form form, int digits, block_part part, std::size_t rows>
QSLIP_INLINE void block_sums(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            sums[r][v] = set1_i32(digits == 1 ? in.starts[r * in.start_step] : 0);
    }
    add_plane<form, part>(in, in.codes, sums);
    if constexpr (digits == 2) {
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v)
                sums[r][v] = add_i32(shift_left<8>(sums[r][v]), set1_i32(in.starts[r * in.start_step]));
        }
        add_plane<form, part>(in, in.codes + block_inputs, sums);
    }
}
