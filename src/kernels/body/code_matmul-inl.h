// Products of quantized rows with coded weights. Per block of 32 inputs the integer sum is exact; then
// c = fma(float(sum), weight scale * row scale, c), and with a minimum c = fma(minimum, scaled sum, c).

/// One step of a product in registers over blocks first ... first + n - 1 of rows and columns of a tile.
struct code_tile_args {
    block_operands operands;     // of the first block
    const std::uint8_t* scales;  // F16 scales of the tile's columns in the first block; minima follow
    std::size_t weight_step;     // bytes from block to block
    std::size_t code_step;
    bool has_min;
    const float* row_scales;  // row 0, first block
    const float* scaled_sums;
    std::size_t n_blocks;
    tile_target to;
    const float* start;  // null: zero; else sums so far, rows panel_columns apart
};

template <int bits, int digits, std::size_t rows>
[[gnu::noinline]] void code_tile(const code_tile_args& args) {
    f32r acc[rows][tile_regs];
    start_sums(acc, args.start);
    block_operands in = args.operands;
    const std::uint8_t* scales = args.scales;
    const std::size_t step = in.start_step;
    for (std::size_t b = 0; b < args.n_blocks; ++b) {
        i32r sums[rows][tile_regs];
        block_sums<bits, digits, rows>(in, sums);
        const auto* halves = reinterpret_cast<const std::uint16_t*>(scales);
        f32r scale[tile_regs];
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) {
            scale[v] = load_f16(halves + v * f32_lanes);
            pin(scale[v]);
        }
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            const f32r row_scale = set1(args.row_scales[r * step + b]);
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v)
                acc[r][v] = fma(to_f32(sums[r][v]), mul(scale[v], row_scale), acc[r][v]);
        }
        if (args.has_min) {
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v) {
                const f32r minimum = load_f16(halves + panel_columns + v * f32_lanes);
                QSLIP_UNROLL
                for (std::size_t r = 0; r < rows; ++r)
                    acc[r][v] = fma(minimum, set1(args.scaled_sums[r * step + b]), acc[r][v]);
            }
        }
        in.weights += args.weight_step;
        in.codes += args.code_step;
        ++in.starts;
        scales += args.weight_step;
    }
    end_sums(acc, args.to);
}

/// code_tile<n_rows> for 1 <= n_rows <= rows.
template <int bits, int digits, std::size_t rows>
void code_tile_of(std::size_t n_rows, const code_tile_args& args) {
    if (n_rows == rows) return code_tile<bits, digits, rows>(args);
    if constexpr (rows > 1) code_tile_of<bits, digits, rows - 1>(n_rows, args);
}

/// Tiles of quantized rows and a panel of codes.
template <int bits, int digits>
struct code_tiles {
    using place = tile_place;
    static constexpr std::size_t most_rows = code_rows, step_blocks = 24;  // a step of a panel: 26 KB or less
    const quantized_rows& rows;
    const packed_matrix& w;
    const std::uint8_t* panel;
    const std::int32_t* starts;  // [m][n_blocks]

    std::size_t n_steps() const { return (n_blocks(w.n_in) + step_blocks - 1) / step_blocks; }
    void run(const place& at, const tile_target& to) const {
        const std::size_t blocks = n_blocks(w.n_in), first = at.step * step_blocks;
        const std::size_t step = block_bytes(w.kind, w.has_min), meta = at.row * blocks + first;
        const std::uint8_t* block = panel + first * step;
        code_tile_of<bits, digits, code_rows>(
            at.n_rows, {{block + at.column * 4,
                         rows.codes + at.row * code_row_bytes(w.n_in) + first * code_bytes_of<digits>,
                         code_row_bytes(w.n_in), starts + meta, blocks},
                        block + code_bytes(w.kind) + at.column * 2,
                        step,
                        code_bytes_of<digits>,
                        w.has_min,
                        rows.scales + meta,
                        rows.scaled_sums + meta,
                        blocks - first < step_blocks ? blocks - first : step_blocks,
                        to,
                        at.start});
    }
};

/// Where integer sums start: the weights' offset times the codes of the block, taken off.
void set_starts(const matmul_rows& in, std::int32_t offset, std::int32_t* starts) {
    const auto factor =
        static_cast<std::uint32_t>(-offset);  // the sum of a block that is not finite may be any number
    for (std::size_t i = 0; i < in.m * n_blocks(in.n_in); ++i)
        starts[i] = static_cast<std::int32_t>(factor * static_cast<std::uint32_t>(in.codes.sums[i]));
}
