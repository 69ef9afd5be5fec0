// The register tile of float products: an outer product, one accumulator per output element.

/// One step of a product in registers: to [rows, tile_columns] start + sum over k of
/// a[k * a_step + row] * b[k * b_step + column].
struct tile_args {
    const float* a;
    std::size_t a_step;
    const float* b;
    std::size_t b_step;
    std::size_t n_k;
    tile_target to;
    const float* start;  // null: zero; else sums so far, rows panel_columns apart
};

template <std::size_t rows>
[[gnu::noinline]] void tile(const tile_args& args) {
    f32r acc[rows][tile_regs];
    start_sums(acc, args.start);
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
    end_sums(acc, args.to);
}

/// tile<n_rows> for 1 <= n_rows <= rows.
template <std::size_t rows>
void tile_of(std::size_t n_rows, const tile_args& args) {
    if (n_rows == rows) return tile<rows>(args);
    if constexpr (rows > 1) tile_of<rows - 1>(n_rows, args);
}
