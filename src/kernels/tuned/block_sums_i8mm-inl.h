// Integer sums of one block of 32 inputs with USMMLA: two columns by two rows by eight inputs. Codes of a
// row's block lie as in body/block_sums_dot4-inl.h; groups of four inputs are zipped to eight on the way.
#include "kernels/body/put_bytes-inl.h"

constexpr std::size_t code_rows = 8;  // rows of a tile of codes
template <int bits>
constexpr std::int32_t dot_bias = 0;

/// Multiply-adds a lane and product instruction.
template <int bits, int digits>
constexpr float code_macs = 8.0f / digits;
QSLIP_INLINE void add_product(i32r& sum, i32r a, i32r b) {
    sum = vreinterpretq_u32_s32(
        vusmmlaq_s32(vreinterpretq_s32_u32(sum), vreinterpretq_u8_u32(a), vreinterpretq_s8_u32(b)));
}

/// Sums of two rows with the four columns of a register: columns 0 and 1, 2 and 3.
struct pair_sums {
    int32x4_t low, high;
};

/// sums += the two groups at w, w2 of each column, times eight codes of each row.
template <std::size_t rows>
QSLIP_INLINE void add_eight(i32r w, i32r w2, std::size_t v, const std::int8_t* codes, std::size_t row_step,
                            pair_sums (&sums)[(rows + 1) / 2][tile_regs]) {
    const uint8x16_t low = vreinterpretq_u8_u32(vzip1q_u32(w, w2)),
                     high = vreinterpretq_u8_u32(vzip2q_u32(w, w2));
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; r += 2) {
        const std::int8_t* first = codes + r * row_step;
        const int8x16_t a = vcombine_s8(vld1_s8(first), vld1_s8(r + 1 < rows ? first + row_step : first));
        pair_sums& to = sums[r / 2][v];
        to.low = vusmmlaq_s32(to.low, low, a);
        to.high = vusmmlaq_s32(to.high, high, a);
    }
}

template <code_form form, block_part part, std::size_t rows>
QSLIP_INLINE void add_plane(const block_operands& in, const std::int8_t* plane,
                            pair_sums (&sums)[(rows + 1) / 2][tile_regs]) {
    constexpr std::size_t first_group = part == block_part::last ? 4 : 0,
                          end = part == block_part::first ? 4 : 8;
    QSLIP_UNROLL
    for (std::size_t group = first_group; group < end; group += 2) {
        i32r w[tile_regs], w2[tile_regs];
        take_group<form>(in, group, w);
        take_group<form>(in, group + 1, w2);
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            add_eight<rows>(w[v], w2[v], v, plane + group * 4, in.row_step, sums);
    }
}

/// sums [rows][tile_columns] = start + sum over the part of code * unsigned weight.
template <code_form form, int digits, block_part part, std::size_t rows>
QSLIP_INLINE void block_sums(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    pair_sums pairs[(rows + 1) / 2][tile_regs] = {};
    add_plane<form, part, rows>(in, in.codes, pairs);
    if constexpr (digits == 2) {
        for (auto& row : pairs)
            for (pair_sums& p : row) p = {vshlq_n_s32(p.low, 8), vshlq_n_s32(p.high, 8)};
        add_plane<form, part, rows>(in, in.codes + block_inputs, pairs);
    }
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            const pair_sums& p = pairs[r / 2][v];
            const int32x4_t row = r % 2 == 0 ? vuzp1q_s32(p.low, p.high) : vuzp2q_s32(p.low, p.high);
            sums[r][v] = add_i32(vreinterpretq_u32_s32(row), set1_i32(in.starts[r * in.start_step]));
        }
    }
}
