// Integer sums of one block of 32 inputs without VNNI. vpmaddubsw adds pairs into 16 bits, which holds a
// whole block of 4-bit weights (15 * 127 * 32 / 2 = 30,480) but not two products with 8-bit ones; those, and
// the 16-bit codes of A16, go through vpmaddwd on words, to which weights are expanded a panel at a time
// where many rows share them.
// Codes of a row's block: [32] words, each group of four as k0 k2 k1 k3, the order in which masking and
// shifting take bytes apart; then, in A8, [32] bytes.
#include "kernels/body/take_group-inl.h"

constexpr std::size_t code_rows = 4;  // rows of a tile of codes
template <int bits>
constexpr std::int32_t dot_bias = 0;
template <int digits>
constexpr std::size_t code_bytes_of = digits == 1 ? 96 : 64;
constexpr std::size_t bytes_at = 2 * block_inputs;  // A8: words before the bytes
/// Whether many rows are worth expanding a panel's weights to words.
template <code_form form, int digits>
constexpr bool expands = form != code_form::nibbles || digits == 2;

template <int digits>
QSLIP_INLINE void put_codes(std::int8_t* to, const i32r (&q)[block_regs]) {
    if constexpr (digits == 1)
        for (std::size_t v = 0; v < block_regs; ++v) store_i8(to + bytes_at + v * f32_lanes, q[v]);
    auto* words = reinterpret_cast<__m256i*>(to);
    for (std::size_t v = 0; v < block_regs; v += 2) {
        const __m256i two =
            _mm256_packs_epi32(_mm256_shuffle_epi32(q[v], 0xD8), _mm256_shuffle_epi32(q[v + 1], 0xD8));
        _mm256_storeu_si256(words + v / 2, _mm256_permute4x64_epi64(two, 0xD8));
    }
}

QSLIP_INLINE i32r broadcast(const std::int8_t* p) {
    return _mm256_set1_epi32(*reinterpret_cast<const std::int32_t*>(p));
}
/// Written out: GCC 12 reorders sums of integers until every product lies in memory.
QSLIP_INLINE void add_to(i32r& sum, i32r x) { __asm__("vpaddd %1, %0, %0" : "+x"(sum) : "x"(x)); }
QSLIP_INLINE void add_words_to(i32r& sum, i32r x) { __asm__("vpaddw %1, %0, %0" : "+x"(sum) : "x"(x)); }
/// Multiply-adds a lane and product instruction.
template <int bits, int digits>
constexpr float code_macs = bits == 4 && digits == 1 ? 4.0f : 2.0f;
QSLIP_INLINE void add_product(i32r& sum, i32r a, i32r b) { add_to(sum, _mm256_madd_epi16(a, b)); }

/// One register of codes into a block of words: [8 groups][32 columns / 16][k0 and k2, k1 and k3][16].
QSLIP_INLINE void put_words(i32r codes, std::size_t group, std::size_t column, std::uint8_t* block) {
    constexpr std::size_t n = tile_regs * f32_lanes;
    auto* out = reinterpret_cast<__m256i*>(
        block + ((group * panel_columns + column / n * n) * group_inputs * 2 + column % n * 4));
    _mm256_storeu_si256(out, _mm256_and_si256(codes, _mm256_set1_epi16(255)));
    _mm256_storeu_si256(out + tile_regs, _mm256_srli_epi16(codes, 8));
}
/// Blocks of codes, `step` bytes apart, to blocks of words.
template <code_form form>
void expand_words(const std::uint8_t* codes, std::size_t step, std::size_t n_blocks, byte_table table,
                  std::uint8_t* out) {
    for (std::size_t b = 0; b < n_blocks; ++b, codes += step, out += word_block_bytes)
        for (std::size_t group = 0; group < stored_groups<form>; ++group)
            for (std::size_t column = 0; column < panel_columns; column += f32_lanes) {
                const i32r w = load_i32(codes + (group * panel_columns + column) * group_inputs);
                if constexpr (form == code_form::bytes) {
                    put_words(w, group, column, out);
                } else {
                    put_words(unpacked<form>(w, false, table), group, column, out);
                    put_words(unpacked<form>(w, true, table), group + 4, column, out);
                }
            }
}

/// A group's weights as words of k0 and k2, k1 and k3.
template <code_form form>
QSLIP_INLINE void take_words(const block_operands& in, std::size_t group, i32r (&even)[tile_regs],
                             i32r (&odd)[tile_regs]) {
    if constexpr (form == code_form::words) {
        const std::uint8_t* words = in.weights + group * panel_columns * group_inputs * 2;
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            even[v] = load_i32(words + v * f32_lanes * 4);
            odd[v] = load_i32(words + (tile_regs + v) * f32_lanes * 4);
        }
    } else {
        i32r w[tile_regs];
        take_group<form>(in, group, w);
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            even[v] = _mm256_and_si256(w[v], _mm256_set1_epi16(255));
            odd[v] = _mm256_srli_epi16(w[v], 8);
        }
    }
    QSLIP_UNROLL
    for (std::size_t v = 0; v < tile_regs; ++v) {
        pin_i32(even[v]);
        pin_i32(odd[v]);
    }
}

/// sums += the part's words times the rows'.
template <code_form form, block_part part, std::size_t rows>
QSLIP_INLINE void add_words(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    constexpr std::size_t first_group = part == block_part::last ? 4 : 0,
                          end = part == block_part::first ? 4 : 8;
    QSLIP_UNROLL
    for (std::size_t group = first_group; group < end; ++group) {
        i32r even[tile_regs], odd[tile_regs];
        take_words<form>(in, group, even, odd);
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            const std::int8_t* codes = in.codes + r * in.row_step + group * 8;
            const i32r first = broadcast(codes), second = broadcast(codes + 4);
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v) {
                add_to(sums[r][v], _mm256_madd_epi16(even[v], first));
                add_to(sums[r][v], _mm256_madd_epi16(odd[v], second));
            }
        }
    }
}

/// words += a group's nibbles times the rows' bytes, in pairs.
template <std::size_t rows>
QSLIP_INLINE void add_nibble_group(const block_operands& in, std::size_t group,
                                   i32r (&words)[rows][tile_regs]) {
    i32r w[tile_regs];
    take_group<code_form::nibbles>(in, group, w);
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        const i32r codes = broadcast(in.codes + r * in.row_step + bytes_at + group * 4);
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            add_words_to(words[r][v], _mm256_maddubs_epi16(w[v], codes));
    }
}

template <block_part part, std::size_t rows>
QSLIP_INLINE void add_nibble_bytes(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    i32r words[rows][tile_regs];
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) words[r][v] = set1_i32(0);
    }
    QSLIP_UNROLL
    for (std::size_t group = 0; group < 4; ++group) {
        if constexpr (part != block_part::last) add_nibble_group(in, group, words);
        if constexpr (part != block_part::first) add_nibble_group(in, group + 4, words);
    }
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            sums[r][v] = add_i32(sums[r][v], _mm256_madd_epi16(words[r][v], _mm256_set1_epi16(1)));
    }
}

/// sums [rows][tile_columns] = start + sum over the part of code * unsigned weight.
template <code_form form, int digits, block_part part, std::size_t rows>
QSLIP_INLINE void block_sums(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) sums[r][v] = set1_i32(in.starts[r * in.start_step]);
    }
    if constexpr (form == code_form::nibbles && digits == 1)
        add_nibble_bytes<part>(in, sums);
    else
        add_words<form, part>(in, sums);
}
