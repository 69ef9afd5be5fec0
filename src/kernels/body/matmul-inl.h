// Products with packed weights: outer product in registers, one accumulator per output element.

enum class tile_start { zero, memory };  // memory: go on with what c holds
enum class tile_end { set, add };

constexpr std::size_t tile_columns = tile_regs * f32_lanes;

/// c [rows, tile_columns] (+)= sum over k of a[k * a_step + row] * b[k * b_step + column].
template <std::size_t rows>
[[gnu::noinline]] void tile(const float* a, std::size_t a_step, const float* b, std::size_t b_step,
                            std::size_t n_k, float* c, std::size_t ldc, tile_start start, tile_end end) {
    f32r acc[rows][tile_regs];
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            acc[r][v] = start == tile_start::zero ? set1(0.0f) : load(c + r * ldc + v * f32_lanes);
    }
    for (std::size_t k = 0; k < n_k; ++k, a += a_step, b += b_step) {
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
            float* out = c + r * ldc + v * f32_lanes;
            store(out, end == tile_end::set ? acc[r][v] : add(load(out), acc[r][v]));
        }
    }
}

/// tile<n_rows> for 1 <= n_rows <= rows.
template <std::size_t rows>
void tile_of(std::size_t n_rows, const float* a, std::size_t a_step, const float* b, std::size_t b_step,
             std::size_t n_k, float* c, std::size_t ldc, tile_start start, tile_end end) {
    if (n_rows == rows) return tile<rows>(a, a_step, b, b_step, n_k, c, ldc, start, end);
    if constexpr (rows > 1) tile_of<rows - 1>(n_rows, a, a_step, b, b_step, n_k, c, ldc, start, end);
}

template <int shift, std::int32_t mask>
QSLIP_INLINE void expand_codes(i32r codes, i32r offset, f32r scale, bool has_min, f32r minimum, float* out) {
    const f32r steps = to_f32(sub_i32(and_i32(shift_right<shift>(codes), set1_i32(mask)), offset));
    const f32r x = mul(scale, steps);
    store(out, has_min ? add(x, minimum) : x);
}

/// out [32 inputs][32 columns] of a block of codes; `bits` is 8 or 4.
template <int bits>
void expand_code_block(const packed_matrix& w, const std::uint8_t* block, float* out) {
    constexpr std::int32_t mask = (1 << bits) - 1;
    constexpr std::size_t n_groups = bits;  // 8 groups of bytes, 4 of nibble pairs
    const auto* scales = reinterpret_cast<const std::uint16_t*>(block + code_bytes(w.kind));
    const i32r offset = set1_i32(w.offset);
    for (std::size_t column = 0; column < panel_columns; column += f32_lanes) {
        const f32r scale = load_f16(scales + column);
        const f32r minimum = w.has_min ? load_f16(scales + panel_columns + column) : scale;
        for (std::size_t group = 0; group < n_groups; ++group) {
            const i32r codes = load_i32(block + (group * panel_columns + column) * 4);
            float* low = out + group * 4 * panel_columns + column;
            expand_codes<0, mask>(codes, offset, scale, w.has_min, minimum, low);
            expand_codes<8, mask>(codes, offset, scale, w.has_min, minimum, low + panel_columns);
            expand_codes<16, mask>(codes, offset, scale, w.has_min, minimum, low + 2 * panel_columns);
            expand_codes<24, mask>(codes, offset, scale, w.has_min, minimum, low + 3 * panel_columns);
            if constexpr (bits == 4) {
                float* high = low + 16 * panel_columns;
                expand_codes<4, mask>(codes, offset, scale, w.has_min, minimum, high);
                expand_codes<12, mask>(codes, offset, scale, w.has_min, minimum, high + panel_columns);
                expand_codes<20, mask>(codes, offset, scale, w.has_min, minimum, high + 2 * panel_columns);
                expand_codes<28, mask>(codes, offset, scale, w.has_min, minimum, high + 3 * panel_columns);
            }
        }
    }
}

void expand_half_block(const packed_matrix& w, const std::uint8_t* block, float* out) {
    const auto* halves = reinterpret_cast<const std::uint16_t*>(block);
    const bool is_bf16 = w.kind == weight_kind::bf16;
    for (std::size_t i = 0; i < panel_columns * block_inputs; i += f32_lanes)
        store(out + i, is_bf16 ? load_bf16(halves + i) : load_f16(halves + i));
}

/// The panel as floats [n_in rounded up to 32][32]: in place when stored so, else expanded into `out`.
const float* expand_panel(const packed_matrix& w, std::size_t panel, float* out) {
    const std::uint8_t* block = w.panels + panel * panel_bytes(w);
    if (w.kind == weight_kind::f32) return reinterpret_cast<const float*>(block);
    float* end = out + n_blocks(w.n_in) * block_inputs * panel_columns;
    const std::size_t step = block_bytes(w.kind, w.has_min);
    for (float* to = out; to != end; to += block_inputs * panel_columns, block += step) {
        if (w.kind == weight_kind::u8)
            expand_code_block<8>(w, block, to);
        else if (w.kind == weight_kind::u4)
            expand_code_block<4>(w, block, to);
        else
            expand_half_block(w, block, to);
    }
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

struct row_block {
    const float* rows;  // [n_in][tile_rows]
    std::size_t n_rows, n_in;
};

/// c [n_rows, n_columns] for the first n_columns < tile_columns of a panel's part.
void tile_edge(const row_block& block, const float* b, float* c, std::size_t ldc, std::size_t n_columns,
               bool accumulate) {
    float edge[tile_rows * tile_columns];
    tile_of<tile_rows>(block.n_rows, block.rows, tile_rows, b, panel_columns, block.n_in, edge, tile_columns,
                       tile_start::zero, tile_end::set);
    for (std::size_t r = 0; r < block.n_rows; ++r)
        for (std::size_t i = 0; i < n_columns; ++i) {
            float& out = c[r * ldc + i];
            out = accumulate ? out + edge[r * tile_columns + i] : edge[r * tile_columns + i];
        }
}

/// One row block times one panel, `c` at its first column, of which n_columns exist.
void multiply_panel(const row_block& block, const float* panel, float* c, std::size_t ldc,
                    std::size_t n_columns, bool accumulate) {
    const tile_end end = accumulate ? tile_end::add : tile_end::set;
    for (std::size_t sub = 0; sub < panel_columns && sub < n_columns; sub += tile_columns) {
        if (n_columns - sub < tile_columns)
            tile_edge(block, panel + sub, c + sub, ldc, n_columns - sub, accumulate);
        else
            tile_of<tile_rows>(block.n_rows, block.rows, tile_rows, panel + sub, panel_columns, block.n_in,
                               c + sub, ldc, tile_start::zero, end);
    }
}

void matmul(const matmul_args& args) {
    float* rows = args.scratch + n_blocks(args.n_in) * block_inputs * panel_columns;
    pack_rows(args, rows);
    for (const product* p = args.products; p != args.products + args.n_products; ++p)
        for (std::size_t column = 0; column < p->w->n_out; column += panel_columns) {
            const float* panel = expand_panel(*p->w, column / panel_columns, args.scratch);
            for (std::size_t row = 0; row < args.m; row += tile_rows) {
                const std::size_t left = args.m - row;
                const row_block block{rows + row * args.n_in, left < tile_rows ? left : tile_rows, args.n_in};
                multiply_panel(block, panel, p->c + row * p->ldc + column, p->ldc, p->w->n_out - column,
                               args.accumulate);
            }
        }
}
