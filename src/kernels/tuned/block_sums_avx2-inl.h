// Integer sums of one block of 32 inputs without VNNI. vpmaddubsw adds pairs into 16 bits, which holds a
// whole block of 4-bit weights (15 * 127 * 32 / 2 = 30,480) but not two products with 8-bit ones; those, and
// the 16-bit codes of A16, go through vpmaddwd on words. Codes of a row's block: A8 [32] bytes, then (A8 and
// A16) [32] words, each group of four as k0 k2 k1 k3: the order in which masking and shifting take bytes
// apart.
#include "kernels/body/block_operands-inl.h"

constexpr std::size_t code_rows = 4;  // rows of a tile of codes
template <int bits>
constexpr std::int32_t dot_bias = 0;
template <int digits>
constexpr std::size_t code_bytes_of = digits == 1 ? 96 : 64;
constexpr std::size_t words_at = block_inputs;  // A8: bytes before the words

template <int digits>
QSLIP_INLINE void put_codes(std::int8_t* to, const i32r (&q)[block_regs]) {
    if constexpr (digits == 1)
        for (std::size_t v = 0; v < block_regs; ++v) store_i8(to + v * f32_lanes, q[v]);
    auto* words = reinterpret_cast<__m256i*>(to + (digits == 1 ? words_at : 0));
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

/// sums += a group's words, in two halves, times weights of one byte each.
template <std::size_t rows>
QSLIP_INLINE void add_words(const block_operands& in, const std::int8_t* words, const i32r (&w)[tile_regs],
                            i32r (&sums)[rows][tile_regs]) {
    i32r even[tile_regs], odd[tile_regs];
    QSLIP_UNROLL
    for (std::size_t v = 0; v < tile_regs; ++v) {
        even[v] = _mm256_and_si256(w[v], _mm256_set1_epi16(255));
        odd[v] = _mm256_srli_epi16(w[v], 8);
        pin_i32(even[v]);
        pin_i32(odd[v]);
    }
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        const i32r first = broadcast(words + r * in.row_step),
                   second = broadcast(words + r * in.row_step + 4);
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            add_to(sums[r][v], _mm256_madd_epi16(even[v], first));
            add_to(sums[r][v], _mm256_madd_epi16(odd[v], second));
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
            const std::int8_t* codes = in.codes + r * in.row_step + group * 4;
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

/// sums [rows][tile_columns] = start + sum over the block of code * unsigned weight.
template <int bits, int digits, std::size_t rows>
QSLIP_INLINE void block_sums(const block_operands& in, i32r (&sums)[rows][tile_regs]) {
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) sums[r][v] = set1_i32(in.starts[r * in.start_step]);
    }
    if constexpr (bits == 4 && digits == 1) return add_nibble_bytes(in, sums);
    const std::int8_t* words = in.codes + (digits == 1 ? words_at : 0);
    QSLIP_UNROLL
    for (std::size_t group = 0; group < bits; ++group) {
        i32r w[tile_regs];
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            w[v] = load_i32(in.weights + (group * panel_columns + v * f32_lanes) * 4);
        if constexpr (bits == 8) {
            add_words(in, words + group * 8, w, sums);
        } else {
            i32r low[tile_regs], high[tile_regs];
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v) {
                low[v] = low_nibbles(w[v]);
                high[v] = low_nibbles(_mm256_srli_epi16(w[v], 4));
            }
            add_words(in, words + group * 8, low, sums);
            add_words(in, words + group * 8 + 32, high, sums);
        }
    }
}
