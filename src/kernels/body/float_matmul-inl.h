// Products of float rows: weights are expanded to floats, a panel at a time.

/// Row blocks of a as [block][n_in][tile_rows].
void pack_rows(const float* a, std::size_t lda, std::size_t m, std::size_t n_in, float* out) {
    for (std::size_t row = 0; row < m; row += tile_rows, a += tile_rows * lda, out += n_in * tile_rows) {
        const std::size_t n_rows = m - row < tile_rows ? m - row : tile_rows;
        transpose(a, lda, n_rows, n_in, out, tile_rows);
    }
}

/// Tiles of packed float rows and an expanded panel.
struct float_tiles {
    using place = tile_place;
    static constexpr std::size_t max_rows = tile_rows;
    const float* rows;   // blocks of [n_in][tile_rows]
    const float* panel;  // [n_in][32]
    std::size_t n_in;

    std::size_t n_steps() const { return (n_in + step_inputs - 1) / step_inputs; }
    void begin_step(std::size_t) const {}
    void run(const place& at, const tile_target& to) const {
        const std::size_t k = at.step * step_inputs, n_k = n_in - k < step_inputs ? n_in - k : step_inputs;
        tile_of<tile_rows>(at.n_rows,
                           {rows + at.row * n_in + k * tile_rows, tile_rows,
                            panel + k * panel_columns + at.column, panel_columns, n_k, to, at.start});
    }
};

/// One panel times a few rows: weights go from the packed form straight into the sums.
template <std::size_t rows>
void multiply_direct(const float* a, std::size_t lda, const packed_matrix& w, std::size_t panel,
                     const panel_target& to) {
    row_sink<rows> sink;
    sink.a = a;
    sink.lda = lda;
    for (std::size_t r = 0; r < rows; ++r)
        for (f32r& sum : sink.sums[r]) sum = set1(0.0f);
    take_panel(w, panel, sink);
    for (std::size_t r = 0; r < rows; ++r) {
        float sums[panel_columns];
        for (std::size_t v = 0; v < panel_columns; v += f32_lanes)
            store(sums + v, sink.sums[r][v / f32_lanes]);
        float* c = to.c + r * to.ldc;
        for (std::size_t i = 0; i < to.n_columns; ++i) c[i] = to.accumulate ? c[i] + sums[i] : sums[i];
    }
}

/// multiply_direct<n_rows> for 1 <= n_rows <= rows.
template <std::size_t rows>
void multiply_few(std::size_t n_rows, const float* a, std::size_t lda, const packed_matrix& w,
                  std::size_t panel, const panel_target& to) {
    if (n_rows == rows) return multiply_direct<rows>(a, lda, w, panel, to);
    if constexpr (rows > 1) multiply_few<rows - 1>(n_rows, a, lda, w, panel, to);
}
