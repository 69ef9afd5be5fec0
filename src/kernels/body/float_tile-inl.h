// The register tile of float products: an outer product, one accumulator per output element.

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
