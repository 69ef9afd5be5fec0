#include "kernels/pack.hpp"

#include "kernels/half.hpp"
#include "kernels/weight_format.hpp"

#include <cstring>

namespace qslip::kernels {
namespace {

std::uint16_t load_u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] | p[1] << 8); }

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

/// Block `at_block` of 32 weights of a stored block into a column of a panel's block.
void pack_codes(const packed_matrix& w, const coded_block& in, std::size_t at_block, std::size_t column,
                std::uint8_t* block) {
    const std::uint8_t* codes = in.codes + at_block * block_inputs;
    for (std::size_t k = 0; k < block_inputs; ++k) {
        const code_place place = place_of(w.kind, k, column);
        block[place.byte] |= static_cast<std::uint8_t>(codes[k] << place.shift);
    }
    std::uint8_t* scales = block + code_bytes(w.kind);
    store_u16(scales + 2 * column, float_to_half(in.scales[at_block]));
    if (w.has_min) store_u16(scales + 2 * (panel_columns + column), float_to_half(in.minima[at_block]));
}

void pack_coded_row(const packed_matrix& w, dtype type, const std::uint8_t* row, std::size_t column,
                    std::uint8_t* panel) {
    const weight_format& format = format_of(type);
    const auto info = info_of(type);
    coded_block stored;
    for (std::size_t k = 0; k < w.n_in; k += info.block_weights, row += info.block_bytes) {
        format.read_codes(row, stored);
        for (std::size_t b = 0; b < info.block_weights / block_inputs;
             ++b, panel += block_bytes(w.kind, w.has_min))
            pack_codes(w, stored, b, column, panel);
    }
}

std::size_t float_bytes(weight_kind kind) { return kind == weight_kind::f32 ? 4 : 2; }

}  // namespace

packed_matrix packing_of(dtype type, std::size_t n_out, std::size_t n_in) noexcept {
    return {format_of(type).packed, nullptr, n_out, n_in};
}

checked_size packed_bytes(const packed_matrix& w) noexcept {
    return checked_size(n_panels(w.n_out)) * n_blocks(w.n_in) * block_bytes(w.kind, w.has_min);
}

void pack_row(const packed_matrix& w, dtype type, const std::byte* row, std::size_t column,
              std::uint8_t* panels) noexcept {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(row);
    std::uint8_t* panel = panels + column / panel_columns * panel_bytes(w);
    const std::size_t c = column % panel_columns;
    if (has_scales(w.kind)) return pack_coded_row(w, type, bytes, c, panel);
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
