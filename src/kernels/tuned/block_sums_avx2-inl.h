// Integer sums of one block of 32 inputs without VNNI. vpmaddubsw adds pairs into 16 bits, which holds a
// whole block of 4-bit weights (15 * 127 * 32 / 2 = 30,480) but not two products with 8-bit ones; those, and
// the 16-bit codes of A16, go through vpmaddwd on words, to which weights are expanded a panel at a time
// where many rows share them.
// Codes of a row's block: [32] words, each group of four as k0 k2 k1 k3, the order in which masking and
// shifting take bytes apart; then, in A8, [32] bytes.
#include "kernels/body/block_operands-inl.h"

constexpr std::size_t code_rows = 4;  // rows of a tile of codes
template <int bits>
constexpr std::int32_t dot_bias = 0;
template <int digits>
constexpr std::size_t code_bytes_of = digits == 1 ? 96 : 64;
constexpr std::size_t bytes_at = 2 * block_inputs;  // A8: words before the bytes
/// Whether many rows are worth expanding a panel's weights to words.
template <int bits, int digits>
constexpr bool expands = bits == 8 || digits == 2;

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
QSLIP_INLINE i32r low_nibbles(i32r w) { return _mm256_and_si256(w, _mm256_set1_epi8(15)); }

/// One register of codes into a block of words: [8 groups][32 columns / 16][k0 and k2, k1 and k3][16].
QSLIP_INLINE void put_words(i32r codes, std::size_t group, std::size_t column, std::uint8_t* block) {
    constexpr std::size_t n = tile_regs * f32_lanes;
    auto* out = reinterpret_cast<__m256i*>(
        block + ((group * panel_columns + column / n * n) * group_inputs * 2 + column % n * 4));
    _mm256_storeu_si256(out, _mm256_and_si256(codes, _mm256_set1_epi16(255)));
    _mm256_storeu_si256(out + tile_regs, _mm256_srli_epi16(codes, 8));
}
/// Blocks of codes, `step` bytes apart, to blocks of words.
template <int bits>
void expand_words(const std::uint8_t* codes, std::size_t step, std::size_t n_blocks, std::uint8_t* out) {
    for (std::size_t b = 0; b < n_blocks; ++b, codes += step, out += word_block_bytes)
        for (std::size_t group = 0; group < bits; ++group)
            for (std::size_t column = 0; column < panel_columns; column += f32_lanes) {
                const i32r w = load_i32(codes + (group * panel_columns + column) * 4);
                put_words(bits == 4 ? low_nibbles(w) : w, group, column, out);
                if (bits == 4) put_words(low_nibbles(_mm256_srli_epi16(w, 4)), group + 4, column, out);
            }
}

/// A group's weights as words of k0 and k2, k1 and k3.
template <int bits>
QSLIP_INLINE void take_words(const std::uint8_t* block, std::size_t group, i32r (&even)[tile_regs],
                             i32r (&odd)[tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t v = 0; v < tile_regs; ++v) {
        if constexpr (bits == 16) {
            const std::uint8_t* words = block + group * panel_columns * group_inputs * 2 + v * f32_lanes * 4;
            even[v] = load_i32(words);
            odd[v] = load_i32(words + tile_regs * f32_lanes * 4);
        } else {
            i32r w = load_i32(block + (group % bits * panel_columns + v * f32_lanes) * group_inputs);
            if (bits == 4) w = low_nibbles(group < bits ? w : _mm256_srli_epi16(w, 4));
            even[v] = _mm256_and_si256(w, _mm256_set1_epi16(255));
            odd[v] = _mm256_srli_epi16(w, 8);
        }
        pin_i32(even[v]);
        pin_i32(odd[v]);
    }
}

/// sums += the block's words times the rows'.
template <int bits, std::size_t rows>
QSLIP_INLINE void add_words(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t group = 0; group < 8; ++group) {
        i32r even[tile_regs], odd[tile_regs];
        take_words<bits>(in.weights, group, even, odd);
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

template <std::size_t rows>
QSLIP_INLINE void add_nibble_bytes(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    i32r words[rows][tile_regs];
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) words[r][v] = set1_i32(0);
    }
    QSLIP_UNROLL
    for (std::size_t group = 0; group < 4; ++group) {
        i32r low[tile_regs], high[tile_regs];
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            const i32r w = load_i32(in.weights + (group * panel_columns + v * f32_lanes) * 4);
            low[v] = low_nibbles(w);
            high[v] = low_nibbles(_mm256_srli_epi16(w, 4));
            pin_i32(low[v]);
            pin_i32(high[v]);
        }
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            const std::int8_t* codes = in.codes + r * in.row_step + bytes_at + group * 4;
            const i32r first = broadcast(codes), second = broadcast(codes + 16);
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v) {
                add_words_to(words[r][v], _mm256_maddubs_epi16(low[v], first));
                add_words_to(words[r][v], _mm256_maddubs_epi16(high[v], second));
            }
        }
    }
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            sums[r][v] = add_i32(sums[r][v], _mm256_madd_epi16(words[r][v], _mm256_set1_epi16(1)));
    }
}

/// sums [rows][tile_columns] = start + sum over the block of code * unsigned weight. bits: 4, 8, 16.
template <int bits, int digits, std::size_t rows>
QSLIP_INLINE void block_sums(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) sums[r][v] = set1_i32(in.starts[r * in.start_step]);
    }
    if constexpr (bits == 4 && digits == 1)
        add_nibble_bytes(in, sums);
    else
        add_words<bits>(in, sums);
}
