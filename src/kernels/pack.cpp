#include "kernels/pack.hpp"

#include "kernels/block_codec.hpp"

#include <cstring>

namespace qslip::kernels {
namespace {

/// A stored block of 32 as a column of a panel's block takes it: 8 groups of four codes, made unsigned, or 4
/// of their nibbles.
struct code_block {
    std::uint16_t scale = 0, minimum = 0;
    std::uint8_t bytes[block_inputs];
};

std::uint16_t load_u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] | p[1] << 8); }

/// Four bytes of fifth bits, then the nibbles.
void read_five_bits(const std::uint8_t* packed, std::uint8_t* out) {
    for (std::size_t i = 0; i < 32; ++i) {
        const int nibble = i < 16 ? packed[4 + i] & 15 : packed[4 + i - 16] >> 4;
        out[i] = static_cast<std::uint8_t>(nibble | (packed[i / 8] >> i % 8 & 1) << 4);
    }
}

/// Layouts: ggml-common.h (block_q4_0 and its like).
code_block read_block(dtype type, const std::uint8_t* block) {
    code_block out;
    out.scale = load_u16(block);
    const bool has_min = type == dtype::q4_1 || type == dtype::q5_1;
    if (has_min) out.minimum = load_u16(block + 2);
    const std::uint8_t* codes = block + (has_min ? 4 : 2);
    if (type == dtype::q8_0)
        for (std::size_t i = 0; i < 32; ++i) out.bytes[i] = codes[i] ^ 0x80;  // signed to offset 128
    else if (type == dtype::q5_0 || type == dtype::q5_1)
        read_five_bits(codes, out.bytes);
    else
        std::memcpy(out.bytes, codes, 16);  // input i low, input i + 16 high, as the panel has them
    return out;
}

/// Where input k of a column lies in a block of codes, and by how much it is shifted there.
struct code_place {
    std::size_t byte;
    unsigned shift;
};
code_place place_of(weight_kind kind, std::size_t k, std::size_t column) {
    const std::size_t group = kind == weight_kind::u4 ? k / 4 % 4 : k / 4;
    return {(group * panel_columns + column) * 4 + k % 4, kind == weight_kind::u4 && k >= 16 ? 4u : 0u};
}

void store_u16(std::uint8_t* to, std::uint16_t x) { std::memcpy(to, &x, sizeof x); }

void pack_codes(const packed_matrix& w, const code_block& in, std::size_t column, std::uint8_t* block) {
    const std::size_t n_groups = code_bytes(w.kind) / (4 * panel_columns);
    for (std::size_t group = 0; group < n_groups; ++group)
        std::memcpy(block + (group * panel_columns + column) * 4, in.bytes + group * 4, 4);
    std::uint8_t* scales = block + code_bytes(w.kind);
    store_u16(scales + 2 * column, in.scale);
    if (w.has_min) store_u16(scales + 2 * (panel_columns + column), in.minimum);
}

std::size_t float_bytes(weight_kind kind) { return kind == weight_kind::f32 ? 4 : 2; }

}  // namespace

packed_matrix packing_of(dtype type, std::size_t n_out, std::size_t n_in) noexcept {
    packed_matrix w;
    w.n_out = n_out;
    w.n_in = n_in;
    w.has_min = type == dtype::q4_1 || type == dtype::q5_1;
    switch (type) {
        case dtype::f32: w.kind = weight_kind::f32; break;
        case dtype::f16: w.kind = weight_kind::f16; break;
        case dtype::bf16: w.kind = weight_kind::bf16; break;
        case dtype::q4_0: w.offset = 8; [[fallthrough]];
        case dtype::q4_1: w.kind = weight_kind::u4; break;
        case dtype::q5_0: w.offset = 16; [[fallthrough]];
        case dtype::q5_1: w.kind = weight_kind::u8; break;
        case dtype::q8_0:
            w.kind = weight_kind::u8;
            w.offset = 128;
            break;
    }
    return w;
}

checked_size packed_bytes(const packed_matrix& w) noexcept {
    return checked_size(n_panels(w.n_out)) * n_blocks(w.n_in) * block_bytes(w.kind, w.has_min);
}

void pack_row(const packed_matrix& w, dtype type, const std::byte* row, std::size_t column,
              std::uint8_t* panels) noexcept {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(row);
    std::uint8_t* panel = panels + column / panel_columns * panel_bytes(w);
    const std::size_t c = column % panel_columns;
    if (has_scales(w.kind)) {
        const std::size_t stored = info_of(type).block_bytes, packed = block_bytes(w.kind, w.has_min);
        for (std::size_t b = 0; b < n_blocks(w.n_in); ++b)
            pack_codes(w, read_block(type, bytes + b * stored), c, panel + b * packed);
        return;
    }
    const std::size_t size = float_bytes(w.kind);
    for (std::size_t k = 0; k < w.n_in; ++k)
        std::memcpy(panel + (k * panel_columns + c) * size, bytes + k * size, size);
}

void unpack_column(const packed_matrix& w, std::size_t column, float* out) noexcept {
    const std::uint8_t* block = w.panels + column / panel_columns * panel_bytes(w);
    const std::size_t c = column % panel_columns, step = block_bytes(w.kind, w.has_min);
    for (std::size_t k = 0; k < w.n_in; ++k) {
        const std::uint8_t* at = block + k / block_inputs * step;
        const std::size_t i = k % block_inputs;
        if (!has_scales(w.kind)) {
            const std::uint8_t* number = at + (i * panel_columns + c) * float_bytes(w.kind);
            if (w.kind == weight_kind::f32)
                std::memcpy(out + k, number, 4);
            else
                out[k] = w.kind == weight_kind::f16 ? half_to_float(load_u16(number))
                                                    : bfloat_to_float(load_u16(number));
            continue;
        }
        const code_place place = place_of(w.kind, i, c);
        const int code = at[place.byte] >> place.shift & (w.kind == weight_kind::u4 ? 15 : 255);
        const std::uint8_t* scales = at + code_bytes(w.kind);
        const float x = half_to_float(load_u16(scales + 2 * c)) * static_cast<float>(code - w.offset);
        out[k] = w.has_min ? x + half_to_float(load_u16(scales + 2 * (panel_columns + c))) : x;
    }
}

}  // namespace qslip::kernels
