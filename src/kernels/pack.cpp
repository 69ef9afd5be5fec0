#include "kernels/pack.hpp"

#include "kernels/stored.hpp"
#include "kernels/weight_format.hpp"

#include <cstring>

namespace qslip::kernels {
namespace {

bool has_nibbles(weight_kind kind) { return code_bytes(kind) == panel_columns * block_inputs / 2; }

/// 32 codes as a column holds them: 8 groups of four, or 4 groups of two nibbles each.
struct column_codes {
    std::uint8_t bytes[block_inputs];
    std::size_t n;

    column_codes(weight_kind kind, const std::uint8_t* codes) : n(code_bytes(kind) / panel_columns) {
        std::memcpy(bytes, codes, n);
        if (n == block_inputs) return;
        for (std::size_t i = 0; i < n; ++i)
            bytes[i] = static_cast<std::uint8_t>(codes[i] | codes[n + i] << 4);
    }
};

void store_scale(scale_kind kind, std::uint8_t* to, float scale) {
    if (kind == scale_kind::f32) return store(to, scale);
    store_half(to, scale);
}
float load_scale(scale_kind kind, const std::uint8_t* from) {
    return kind == scale_kind::f32 ? load<float>(from) : load_half(from);
}
/// Scale `index` of a column; minima follow the scales.
std::size_t scale_place(const packing& p, std::size_t index, std::size_t column) {
    return code_bytes(p.kind) + (index * panel_columns + column) * scale_bytes(p);
}

/// Block `b` of 32 weights of a stored block into a column of a panel's block.
void pack_codes(const packed_matrix& w, const coded_block& in, std::size_t b, std::size_t column,
                std::uint8_t* block) {
    const column_codes codes(w.kind, in.codes + b * block_inputs);
    for (std::size_t i = 0; i < codes.n; i += 4)
        std::memcpy(block + i * panel_columns + column * 4, codes.bytes + i, 4);
    const std::size_t n = block_scales(w);
    for (std::size_t i = 0; i < n; ++i) {
        store_scale(w.scales, block + scale_place(w, i, column), in.scales[b * n + i]);
        if (w.has_min) store_scale(w.scales, block + scale_place(w, n + i, column), in.minima[b * n + i]);
    }
}

void pack_coded_row(const packed_matrix& w, dtype type, const std::uint8_t* row, std::size_t column,
                    std::uint8_t* panel) {
    const weight_format& format = format_of(type);
    const auto info = info_of(type);
    coded_block stored;
    for (std::size_t k = 0; k < w.n_in; k += info.block_weights, row += info.block_bytes) {
        format.read_codes(row, stored);
        for (std::size_t b = 0; b < info.block_weights / block_inputs; ++b, panel += block_bytes(w))
            pack_codes(w, stored, b, column, panel);
    }
}

/// Weight k of a block of codes.
float unpack_code(const packed_matrix& w, const std::uint8_t* block, std::size_t column, std::size_t k) {
    const bool nibbles = has_nibbles(w.kind);
    const std::size_t i = nibbles ? k % 16 : k;
    int code = block[i / 4 * 4 * panel_columns + column * 4 + i % 4];
    if (nibbles) code = k < 16 ? code & 15 : code >> 4;
    if (w.codebook != nullptr) code = w.codebook[code];
    const std::size_t scale = k / w.scale_inputs, n = block_scales(w);
    const float x =
        load_scale(w.scales, block + scale_place(w, scale, column)) * static_cast<float>(code - w.offset);
    return w.has_min ? x + load_scale(w.scales, block + scale_place(w, n + scale, column)) : x;
}

float unpack_float(weight_kind kind, const std::uint8_t* number) {
    if (kind == weight_kind::f16) return load_half(number);
    return kind == weight_kind::bf16 ? bfloat_to_float(load<std::uint16_t>(number)) : load<float>(number);
}

std::size_t float_bytes(weight_kind kind) { return kind == weight_kind::f32 ? 4 : 2; }

}  // namespace

packed_matrix packing_of(dtype type, std::size_t n_out, std::size_t n_in) noexcept {
    return {format_of(type).packed, nullptr, n_out, n_in};
}

checked_size packed_bytes(const packed_matrix& w) noexcept {
    return checked_size(n_panels(w.n_out)) * n_blocks(w.n_in) * block_bytes(w);
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
    const std::size_t c = column % panel_columns, size = float_bytes(w.kind);
    for (std::size_t k = 0; k < w.n_in; ++k) {
        const std::size_t i = k % block_inputs;
        if (k != 0 && i == 0) block += block_bytes(w);
        out[k] = has_scales(w.kind) ? unpack_code(w, block, c, i)
                                    : unpack_float(w.kind, block + (i * panel_columns + c) * size);
    }
}

}  // namespace qslip::kernels
