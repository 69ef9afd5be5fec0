// How one panel of weights is multiplied with all rows, whatever the kind of tile.

/// Which tile of a panel: rows, columns, inputs.
struct tile_place {
    std::size_t row, n_rows, column, step;
    const float* start;  // null in the first step
};
/// Where the product of a row block with a panel goes.
struct panel_target {
    float* c;  // row 0, the panel's first column
    std::size_t ldc;
    bool accumulate;
    // The rest is multiply_one()'s to know.
    std::size_t n_columns = 0;
    float* sums = nullptr;               // [m][32], carried from step to step
    const std::uint8_t* next = nullptr;  // the panel after it, to be fetched meanwhile; null: none
    std::size_t next_bytes = 0;
};

/// Asks for a row block's share of the next panel: 4 to 8 % of the time on a 264-row tile (Zen 5, Q4_0,
/// Q8_0).
QSLIP_INLINE void prefetch_share(const panel_target& to, std::size_t row, std::size_t n_rows, std::size_t m) {
    if (to.next == nullptr || m < 2 * n_rows) return;
    const std::size_t end = to.next_bytes * (row + n_rows < m ? row + n_rows : m) / m;
    for (std::size_t at = to.next_bytes * row / m / 64 * 64; at < end; at += 64)
        __builtin_prefetch(to.next + at, 0, 2);
}

/// Runs one tile whose last columns do not exist, by way of a whole one.
template <class Tiles>
void edge_tile(const Tiles& tiles, typename Tiles::place at, const panel_target& to, std::size_t n_columns) {
    float edge[Tiles::max_rows * tile_columns];
    tiles.run(at, {edge, tile_columns, tile_end::set});
    float* c = to.c + at.row * to.ldc + at.column;
    for (std::size_t r = 0; r < at.n_rows; ++r)
        for (std::size_t i = 0; i < n_columns; ++i) {
            float& out = c[r * to.ldc + i];
            out = to.accumulate ? out + edge[r * tile_columns + i] : edge[r * tile_columns + i];
        }
}

/// One panel times m rows, in steps of inputs short enough for the columns of a tile to stay in the L1 cache.
/// `Tiles` runs one register tile; every element sums its inputs in ascending order.
template <class Tiles>
void multiply_panel(const Tiles& tiles, std::size_t m, const panel_target& to) {
    const tile_end last_end = to.accumulate ? tile_end::add : tile_end::set;
    for (std::size_t step = 0; step < tiles.n_steps(); ++step) {
        tiles.begin_step(step);
        for (std::size_t column = 0; column < to.n_columns; column += tile_columns)
            for (std::size_t row = 0; row < m; row += Tiles::max_rows) {
                if (step == 0 && column == 0) prefetch_share(to, row, Tiles::max_rows, m);
                const std::size_t left = m - row;
                float* sums = to.sums + row * panel_columns + column;
                const typename Tiles::place at{row, left < Tiles::max_rows ? left : Tiles::max_rows, column,
                                               step, step == 0 ? nullptr : sums};
                if (step + 1 < tiles.n_steps())
                    tiles.run(at, {sums, panel_columns, tile_end::set});
                else if (to.n_columns - column < tile_columns)
                    edge_tile(tiles, at, to, to.n_columns - column);
                else
                    tiles.run(at, {to.c + row * to.ldc + column, to.ldc, last_end});
            }
    }
}
