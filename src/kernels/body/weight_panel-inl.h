// Weights on their way from the packed form to floats: a sink takes f32_lanes columns of one input at a time,
// inputs ascending for each column.

/// Writes a panel of floats [n_in][32].
struct panel_sink {
    float* out;
    QSLIP_INLINE void take(std::size_t k, std::size_t column, f32r x) {
        store(out + k * panel_columns + column, x);
    }
};

/// Multiplies a few rows on the fly.
template <std::size_t rows>
struct row_sink {
    const float* a;
    std::size_t lda;
    f32r sums[rows][panel_columns / f32_lanes];
    QSLIP_INLINE void take(std::size_t k, std::size_t column, f32r x) {
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            f32r& sum = sums[r][column / f32_lanes];
            sum = fma(set1(a[r * lda + k]), x, sum);
        }
    }
};

/// Scale * steps is exact (11 by 8 bits), so the fused operation rounds like a product and a sum.
template <bool has_min>
QSLIP_INLINE f32r weight_of(f32r steps, f32r scale, f32r minimum) {
    if constexpr (has_min)
        return fma(scale, steps, minimum);
    else
        return mul(scale, steps);
}

/// Inputs k, k+1, k+2, k+3 of one register of columns.
template <int bits, int first_shift, bool has_min, class Sink>
QSLIP_INLINE void take_codes(Sink& sink, i32r codes, const code_steps<bits>& steps, f32r scale, f32r minimum,
                             std::size_t k, std::size_t column) {
    sink.take(k, column, weight_of<has_min>(steps.template at<first_shift>(codes), scale, minimum));
    sink.take(k + 1, column, weight_of<has_min>(steps.template at<first_shift + 8>(codes), scale, minimum));
    sink.take(k + 2, column, weight_of<has_min>(steps.template at<first_shift + 16>(codes), scale, minimum));
    sink.take(k + 3, column, weight_of<has_min>(steps.template at<first_shift + 24>(codes), scale, minimum));
}

template <int bits, bool has_min, class Sink>
QSLIP_INLINE void take_code_block(const std::uint8_t* block, const code_steps<bits>& steps,
                                  std::size_t first_k, Sink& sink) {
    constexpr std::size_t n_regs = panel_columns / f32_lanes,
                          n_groups = bits;  // 8 groups of bytes, 4 of nibbles
    const auto* scales = reinterpret_cast<const std::uint16_t*>(block + n_groups * panel_columns * 4);
    f32r scale[n_regs], minimum[n_regs];
    QSLIP_UNROLL
    for (std::size_t v = 0; v < n_regs; ++v) {
        scale[v] = load_f16(scales + v * f32_lanes);
        minimum[v] = has_min ? load_f16(scales + panel_columns + v * f32_lanes) : scale[v];
    }
    for (std::size_t group = 0; group < n_groups; ++group) QSLIP_UNROLL
    for (std::size_t v = 0; v < n_regs; ++v) {
        const std::size_t column = v * f32_lanes;
        take_codes<bits, 0, has_min>(sink, load_i32(block + (group * panel_columns + column) * 4), steps,
                                     scale[v], minimum[v], first_k + group * 4, column);
    }
    if constexpr (bits == 4)
        for (std::size_t group = 0; group < n_groups; ++group) QSLIP_UNROLL
    for (std::size_t v = 0; v < n_regs; ++v) {
        const std::size_t column = v * f32_lanes;
        take_codes<bits, 4, has_min>(sink, load_i32(block + (group * panel_columns + column) * 4), steps,
                                     scale[v], minimum[v], first_k + 16 + group * 4, column);
    }
}

template <int bits, bool has_min, class Sink>
void take_code_panel(const packed_matrix& w, const std::uint8_t* block, Sink& sink) {
    const code_steps<bits> steps(w.offset);
    const std::size_t step = block_bytes(w.kind, has_min);
    for (std::size_t k = 0; k < w.n_in; k += block_inputs, block += step)
        take_code_block<bits, has_min>(block, steps, k, sink);
}

template <bool is_bf16, class Sink>
void take_half_panel(const packed_matrix& w, const std::uint8_t* panel, Sink& sink) {
    const auto* halves = reinterpret_cast<const std::uint16_t*>(panel);
    for (std::size_t k = 0; k < w.n_in; ++k, halves += panel_columns) QSLIP_UNROLL
    for (std::size_t column = 0; column < panel_columns; column += f32_lanes)
        sink.take(k, column, is_bf16 ? load_bf16(halves + column) : load_f16(halves + column));
}

template <class Sink>
void take_float_panel(const packed_matrix& w, const std::uint8_t* panel, Sink& sink) {
    const auto* floats = reinterpret_cast<const float*>(panel);
    for (std::size_t k = 0; k < w.n_in; ++k, floats += panel_columns) QSLIP_UNROLL
    for (std::size_t column = 0; column < panel_columns; column += f32_lanes)
        sink.take(k, column, load(floats + column));
}

template <class Sink>
void take_panel(const packed_matrix& w, std::size_t panel, Sink& sink) {
    const std::uint8_t* p = w.panels + panel * panel_bytes(w);
    switch (w.kind) {
        case weight_kind::f32: return take_float_panel(w, p, sink);
        case weight_kind::f16: return take_half_panel<false>(w, p, sink);
        case weight_kind::bf16: return take_half_panel<true>(w, p, sink);
        case weight_kind::u8:
            return w.has_min ? take_code_panel<8, true>(w, p, sink) : take_code_panel<8, false>(w, p, sink);
        case weight_kind::u4:
            return w.has_min ? take_code_panel<4, true>(w, p, sink) : take_code_panel<4, false>(w, p, sink);
    }
}

/// The panel as floats [n_in][32]: in place when stored so, else expanded into `out`.
const float* expand_panel(const packed_matrix& w, std::size_t panel, float* out) {
    if (w.kind == weight_kind::f32) return reinterpret_cast<const float*>(w.panels + panel * panel_bytes(w));
    panel_sink sink{out};
    take_panel(w, panel, sink);
    return out;
}
