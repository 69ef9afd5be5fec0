// Products of quantized rows with coded weights. Per block of 32 inputs the integer sum is exact; then
// c = fma(float(sum), weight scale * row scale, c), and with a minimum c = fma(minimum, scaled sum, c).

/// One step of a product in registers over blocks first ... first + n - 1 of rows and columns of a tile.
struct code_tile_args {
    block_operands operands;     // of the first block
    std::size_t weight_step;     // bytes from block to block
    const std::uint8_t* scales;  // F16 scales of the tile's columns in the first block; minima follow
    std::size_t scale_step, code_step;
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
        scales += args.scale_step;
    }
    end_sums(acc, args.to);
}

/// code_tile<n_rows> for 1 <= n_rows <= rows.
template <int bits, int digits, std::size_t rows>
void code_tile_of(std::size_t n_rows, const code_tile_args& args) {
    if (n_rows == rows) return code_tile<bits, digits, rows>(args);
    if constexpr (rows > 1) code_tile_of<bits, digits, rows - 1>(n_rows, args);
}

/// Tiles of quantized rows and a panel of codes, `in_words`: expanded to words.
template <int bits, int digits, bool in_words>
struct code_tiles {
    using place = tile_place;
    // A step of a tile's columns: 26 KB or less.
    static constexpr std::size_t max_rows = code_rows, step_blocks = 24;
    const quantized_rows& rows;
    const packed_matrix& w;
    const std::uint8_t* panel;
    const std::int32_t* starts;  // [m][n_blocks]
    std::uint8_t* words;         // of the step at hand

    std::size_t n_steps() const { return (n_blocks(w.n_in) + step_blocks - 1) / step_blocks; }
    std::size_t blocks_of(std::size_t step) const {
        const std::size_t left = n_blocks(w.n_in) - step * step_blocks;
        return left < step_blocks ? left : step_blocks;
    }
    std::size_t panel_step() const { return block_bytes(w.kind, w.has_min); }
    const std::uint8_t* block(std::size_t step) const { return panel + step * step_blocks * panel_step(); }

    void begin_step(std::size_t step) const {
        if constexpr (in_words) expand_words<bits>(block(step), panel_step(), blocks_of(step), words);
    }
    void run(const place& at, const tile_target& to) const {
        const std::size_t blocks = n_blocks(w.n_in), first = at.step * step_blocks;
        const std::size_t meta = at.row * blocks + first;
        const std::uint8_t* weights =
            in_words ? words + at.column * group_inputs * 2 : block(at.step) + at.column * group_inputs;
        code_tile_of<in_words ? 16 : bits, in_words ? 2 : digits, code_rows>(
            at.n_rows,
            {{weights, rows.codes + at.row * code_row_bytes(w.n_in) + first * code_bytes_of<digits>,
              code_row_bytes(w.n_in), starts + meta, blocks},
             in_words ? word_block_bytes : panel_step(),
             block(at.step) + code_bytes(w.kind) + at.column * 2,
             panel_step(),
             code_bytes_of<digits>,
             w.has_min,
             rows.scales + meta,
             rows.scaled_sums + meta,
             blocks_of(at.step),
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
