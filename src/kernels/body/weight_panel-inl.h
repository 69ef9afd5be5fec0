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

/// Scale * steps is exact (24 bits or fewer), so the fused operation rounds like a product and a sum.
template <bool has_min>
QSLIP_INLINE f32r weight_of(f32r steps, f32r scale, f32r minimum) {
    if constexpr (has_min)
        return fma(scale, steps, minimum);
    else
        return mul(scale, steps);
}

/// Inputs k, k+1, k+2, k+3 of one register of columns.
template <code_form form, int first_shift, bool has_min, class Sink>
QSLIP_INLINE void take_codes(Sink& sink, i32r codes, const code_steps<form>& steps, f32r scale, f32r minimum,
                             std::size_t k, std::size_t column) {
    sink.take(k, column, weight_of<has_min>(steps.template at<first_shift>(codes), scale, minimum));
    sink.take(k + 1, column, weight_of<has_min>(steps.template at<first_shift + 8>(codes), scale, minimum));
    sink.take(k + 2, column, weight_of<has_min>(steps.template at<first_shift + 16>(codes), scale, minimum));
    sink.take(k + 3, column, weight_of<has_min>(steps.template at<first_shift + 24>(codes), scale, minimum));
}

/// Scales and minima of a panel's columns.
struct column_scales {
    f32r scale[panel_columns / f32_lanes], minimum[panel_columns / f32_lanes];
    template <bool has_min>
    QSLIP_INLINE void read(const std::uint8_t* scales, const scale_layout& layout) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < panel_columns / f32_lanes; ++v) {
            scale[v] = load_scale(scales + v * layout.lane_step, layout.kind);
            minimum[v] =
                has_min ? load_scale(scales + layout.minima + v * layout.lane_step, layout.kind) : scale[v];
        }
    }
};

/// 16 inputs of a block, the first or the last.
template <code_form form, int half, bool has_min, class Sink>
QSLIP_INLINE void take_half(const std::uint8_t* block, const code_steps<form>& steps, const column_scales& at,
                            std::size_t first_k, Sink& sink) {
    constexpr int shift = half == 1 && form != code_form::bytes ? 4 : 0;
    constexpr std::size_t first_group = half * 4 % stored_groups<form>;
    for (std::size_t group = 0; group < 4; ++group) QSLIP_UNROLL
    for (std::size_t v = 0; v < panel_columns / f32_lanes; ++v) {
        const std::size_t column = v * f32_lanes;
        const i32r codes = load_i32(block + ((first_group + group) * panel_columns + column) * group_inputs);
        take_codes<form, shift, has_min>(sink, codes, steps, at.scale[v], at.minimum[v],
                                         first_k + half * 16 + group * group_inputs, column);
    }
}

template <code_form form, bool has_min, class Sink>
void take_code_panel(const packed_matrix& w, const std::uint8_t* block, Sink& sink) {
    const code_steps<form> steps(w, table_of(w));
    const scale_layout layout(w);
    column_scales at;
    for (std::size_t k = 0; k < w.n_in; k += block_inputs, block += block_bytes(w)) {
        const std::uint8_t* scales = block + code_bytes(w.kind);
        at.read<has_min>(scales, layout);
        take_half<form, 0, has_min>(block, steps, at, k, sink);
        if (block_scales(w) == 2) at.read<has_min>(scales + layout.row_step, layout);
        take_half<form, 1, has_min>(block, steps, at, k, sink);
    }
}

template <code_form form, class Sink>
void take_coded(const packed_matrix& w, const std::uint8_t* panel, Sink& sink) {
    w.has_min ? take_code_panel<form, true>(w, panel, sink) : take_code_panel<form, false>(w, panel, sink);
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
        case weight_kind::u8: return take_coded<code_form::bytes>(w, p, sink);
        case weight_kind::u4: return take_coded<code_form::nibbles>(w, p, sink);
        case weight_kind::codebook4: return take_coded<code_form::indices>(w, p, sink);
    }
}

/// The panel as floats [n_in][32]: in place when stored so, else expanded into `out`.
const float* expand_panel(const packed_matrix& w, std::size_t panel, float* out) {
    if (w.kind == weight_kind::f32) return reinterpret_cast<const float*>(w.panels + panel * panel_bytes(w));
    panel_sink sink{out};
    take_panel(w, panel, sink);
    return out;
}
