// Products with packed weights: outer product in registers, one accumulator per output element.

enum class tile_end { set, add };

constexpr std::size_t tile_columns = tile_regs * f32_lanes;

/// One step of a product in registers: c [rows, tile_columns] (set or +=) start + sum over k of
/// a[k * a_step + row] * b[k * b_step + column].
struct tile_args {
    const float* a;
    std::size_t a_step;
    const float* b;
    std::size_t b_step;
    std::size_t n_k;
    float* c;
    std::size_t ldc;
    tile_end end;
    const float* start;  // null: zero; else sums so far, rows panel_columns apart
};

template <std::size_t rows>
[[gnu::noinline]] void tile(const tile_args& args) {
    f32r acc[rows][tile_regs];
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            acc[r][v] =
                args.start == nullptr ? set1(0.0f) : load(args.start + r * panel_columns + v * f32_lanes);
    }
    const float *a = args.a, *b = args.b;
    const std::size_t a_step = args.a_step, b_step = args.b_step;
    for (std::size_t k = args.n_k; k != 0; --k, a += a_step, b += b_step) {
        f32r column[tile_regs];
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            column[v] = load(b + v * f32_lanes);
            pin(column[v]);
        }
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            const f32r x = set1(a[r]);
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v) acc[r][v] = fma(x, column[v], acc[r][v]);
        }
    }
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            float* out = args.c + r * args.ldc + v * f32_lanes;
            store(out, args.end == tile_end::set ? acc[r][v] : add(load(out), acc[r][v]));
        }
    }
}

/// tile<n_rows> for 1 <= n_rows <= rows.
template <std::size_t rows>
void tile_of(std::size_t n_rows, const tile_args& args) {
    if (n_rows == rows) return tile<rows>(args);
    if constexpr (rows > 1) tile_of<rows - 1>(n_rows, args);
}

// Weights on their way from the packed form: a sink takes f32_lanes columns of one input at a time, inputs
// ascending for each column.

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

/// Row blocks of a as [block][n_in][tile_rows].
void pack_rows(const matmul_args& args, float* out) {
    for (std::size_t row = 0; row < args.m; row += tile_rows, out += args.n_in * tile_rows) {
        const std::size_t n_rows = args.m - row < tile_rows ? args.m - row : tile_rows;
        const float* a = args.a + row * args.lda;
        for (std::size_t k = 0; k < args.n_in; ++k)
            for (std::size_t r = 0; r < n_rows; ++r) out[k * tile_rows + r] = a[r * args.lda + k];
    }
}

/// A row block's share of one panel: inputs first_k ... first_k + n_k - 1.
struct panel_step {
    const float* rows;   // [n_in][tile_rows]
    const float* panel;  // [n_in][32]
    std::size_t n_rows, n_columns, first_k, n_k;
    float* c;
    std::size_t ldc;
    float* sums;  // [n_rows][32], carried from step to step
    bool is_last, accumulate;
};

/// The last step of columns at the edge: only n_columns < tile_columns of c exist.
void tile_edge(const panel_step& step, tile_args args, float* c, std::size_t n_columns) {
    float edge[tile_rows * tile_columns];
    args.c = edge;
    args.ldc = tile_columns;
    args.end = tile_end::set;
    tile_of<tile_rows>(step.n_rows, args);
    for (std::size_t r = 0; r < step.n_rows; ++r)
        for (std::size_t i = 0; i < n_columns; ++i) {
            float& out = c[r * step.ldc + i];
            out = step.accumulate ? out + edge[r * tile_columns + i] : edge[r * tile_columns + i];
        }
}

void multiply_panel(const panel_step& step) {
    for (std::size_t sub = 0; sub < panel_columns && sub < step.n_columns; sub += tile_columns) {
        tile_args args{step.rows + step.first_k * tile_rows,
                       tile_rows,
                       step.panel + step.first_k * panel_columns + sub,
                       panel_columns,
                       step.n_k,
                       step.sums + sub,
                       panel_columns,
                       tile_end::set,
                       step.first_k == 0 ? nullptr : step.sums + sub};
        if (step.is_last && step.n_columns - sub < tile_columns) {
            tile_edge(step, args, step.c + sub, step.n_columns - sub);
            continue;
        }
        if (step.is_last) {
            args.c = step.c + sub;
            args.ldc = step.ldc;
            args.end = step.accumulate ? tile_end::add : tile_end::set;
        }
        tile_of<tile_rows>(step.n_rows, args);
    }
}

/// One panel times all row blocks, in steps of k short enough for the panel's part to stay in the L1 cache.
void multiply_rows(const matmul_args& args, const product& p, const float* rows, const float* panel,
                   std::size_t column, float* sums) {
    for (std::size_t k = 0; k < args.n_in; k += step_inputs) {
        const std::size_t n_k = args.n_in - k < step_inputs ? args.n_in - k : step_inputs;
        for (std::size_t row = 0; row < args.m; row += tile_rows) {
            const std::size_t left = args.m - row;
            multiply_panel({rows + row * args.n_in, panel, left < tile_rows ? left : tile_rows,
                            p.w->n_out - column, k, n_k, p.c + row * p.ldc + column, p.ldc,
                            sums + row * panel_columns, k + n_k == args.n_in, args.accumulate});
        }
    }
}

/// Few rows: weights go from the packed form straight into the sums.
template <std::size_t rows>
void matmul_direct(const matmul_args& args) {
    for (const product* p = args.products; p != args.products + args.n_products; ++p)
        for (std::size_t column = 0; column < p->w->n_out; column += panel_columns) {
            row_sink<rows> sink;
            sink.a = args.a;
            sink.lda = args.lda;
            for (std::size_t r = 0; r < rows; ++r)
                for (f32r& sum : sink.sums[r]) sum = set1(0.0f);
            take_panel(*p->w, column / panel_columns, sink);
            const std::size_t left = p->w->n_out - column, n = left < panel_columns ? left : panel_columns;
            for (std::size_t r = 0; r < rows; ++r) {
                float sums[panel_columns];
                for (std::size_t v = 0; v < panel_columns; v += f32_lanes)
                    store(sums + v, sink.sums[r][v / f32_lanes]);
                float* c = p->c + r * p->ldc + column;
                for (std::size_t i = 0; i < n; ++i) c[i] = args.accumulate ? c[i] + sums[i] : sums[i];
            }
        }
}

template <std::size_t rows>
void matmul_few(const matmul_args& args) {
    if (args.m == rows) return matmul_direct<rows>(args);
    if constexpr (rows > 1) matmul_few<rows - 1>(args);
}

void matmul(const matmul_args& args) {
    if (args.m <= direct_rows) return matmul_few<direct_rows>(args);
    float* sums = args.scratch + n_blocks(args.n_in) * block_inputs * panel_columns;
    float* rows = sums + args.m * panel_columns;
    pack_rows(args, rows);
    for (const product* p = args.products; p != args.products + args.n_products; ++p)
        for (std::size_t column = 0; column < p->w->n_out; column += panel_columns)
            multiply_rows(args, *p, rows, expand_panel(*p->w, column / panel_columns, args.scratch), column,
                          sums);
}
