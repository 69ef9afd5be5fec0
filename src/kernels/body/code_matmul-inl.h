// Products of quantized rows with coded weights. Per block of 32 inputs the integer sum is exact; then
// c = fma(float(sum), weight scale * row scale, c), and with a minimum c = fma(minimum, scaled sum, c); where
// 16 inputs share a scale, so for the first half and then for the second.

/// One step of a product in registers over blocks first ... first + n - 1 of rows and columns of a tile.
struct code_tile_args {
    block_operands operands;     // of the first block
    std::size_t weight_step;     // bytes from block to block
    const std::uint8_t* scales;  // of the tile's columns in the first block
    scale_layout layout;
    std::size_t scale_step, code_step;
    bool has_min;
    const float* row_scales;   // row 0, first block
    const float* scaled_sums;  // as the operands' starts
    std::size_t n_blocks;
    tile_target to;
    const float* start;  // null: zero; else sums so far, rows panel_columns apart
};

/// acc += the products of a part of a block, whose scales lie at `scales`; row scales and scaled sums of row
/// 0.
template <code_form form, int digits, block_part part, std::size_t rows>
QSLIP_INLINE void add_part(const code_tile_args& args, const block_operands& in, const std::uint8_t* scales,
                           const float* row_scales, std::size_t row_scale_step, const float* scaled_sums,
                           f32r (&acc)[rows][tile_regs]) {
    i32r sums[rows][tile_regs];
    block_sums<form, digits, part, rows>(in, sums);
    const scale_layout& layout = args.layout;
    f32r scale[tile_regs];
    QSLIP_UNROLL
    for (std::size_t v = 0; v < tile_regs; ++v) {
        scale[v] = load_scale(scales + v * layout.lane_step, layout.kind);
        pin(scale[v]);
    }
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        const f32r row_scale = set1(row_scales[r * row_scale_step]);
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            acc[r][v] = fma(to_f32(sums[r][v]), mul(scale[v], row_scale), acc[r][v]);
    }
    if (!args.has_min) return;
    QSLIP_UNROLL
    for (std::size_t v = 0; v < tile_regs; ++v) {
        const f32r minimum = load_scale(scales + layout.minima + v * layout.lane_step, layout.kind);
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r)
            acc[r][v] = fma(minimum, set1(scaled_sums[r * in.start_step]), acc[r][v]);
    }
}

template <code_form form, int digits, std::size_t parts, std::size_t rows>
[[gnu::noinline]] void code_tile(const code_tile_args& args) {
    constexpr block_part first_part = parts == 1 ? block_part::whole : block_part::first;
    f32r acc[rows][tile_regs];
    start_sums(acc, args.start);
    block_operands in = args.operands;
    const std::uint8_t* scales = args.scales;
    const float* scaled_sums = args.scaled_sums;
    const std::size_t row_scale_step = in.start_step / parts;
    for (std::size_t b = 0; b < args.n_blocks; ++b) {
        const float* row_scales = args.row_scales + b;
        add_part<form, digits, first_part>(args, in, scales, row_scales, row_scale_step, scaled_sums++, acc);
        ++in.starts;
        if constexpr (parts == 2) {
            add_part<form, digits, block_part::last>(args, in, scales + args.layout.row_step, row_scales,
                                                     row_scale_step, scaled_sums++, acc);
            ++in.starts;
        }
        in.weights += args.weight_step;
        in.codes += args.code_step;
        scales += args.scale_step;
    }
    end_sums(acc, args.to);
}

/// code_tile<n_rows> for 1 <= n_rows <= rows.
template <code_form form, int digits, std::size_t parts, std::size_t rows>
void code_tile_of(std::size_t n_rows, const code_tile_args& args) {
    if (n_rows == rows) return code_tile<form, digits, parts, rows>(args);
    if constexpr (rows > 1) code_tile_of<form, digits, parts, rows - 1>(n_rows, args);
}

/// What depends on rows and on a weight's offset, or on where its scales end: [m][n_blocks][parts].
struct row_starts {
    std::int32_t* starts;
    float* scaled_sums;  // the rows' own where 32 inputs share a scale
};

/// Tiles of quantized rows and a panel of codes; `in_words`: expanded to words. parts: of a block, each with
/// a scale of its own.
template <code_form form, int digits, std::size_t parts, bool in_words>
struct code_tiles {
    using place = tile_place;
    // A step of a tile's columns: 26 KB or less.
    static constexpr std::size_t max_rows = code_rows, step_blocks = 24;
    const quantized_rows& rows;
    const packed_matrix& w;
    const std::uint8_t* panel;
    row_starts starts;
    std::uint8_t* words;  // of the step at hand
    byte_table table;

    std::size_t n_steps() const { return (n_blocks(w.n_in) + step_blocks - 1) / step_blocks; }
    std::size_t blocks_of(std::size_t step) const {
        const std::size_t left = n_blocks(w.n_in) - step * step_blocks;
        return left < step_blocks ? left : step_blocks;
    }
    const std::uint8_t* block(std::size_t step) const { return panel + step * step_blocks * block_bytes(w); }

    void begin_step(std::size_t step) const {
        if constexpr (in_words)
            expand_words<form>(block(step), block_bytes(w), blocks_of(step), table, words);
    }
    void run(const place& at, const tile_target& to) const {
        const std::size_t blocks = n_blocks(w.n_in), first = at.step * step_blocks;
        const std::size_t row_block = at.row * blocks + first;
        const std::uint8_t* weights =
            in_words ? words + at.column * group_inputs * 2 : block(at.step) + at.column * group_inputs;
        code_tile_of<in_words ? code_form::words : form, in_words ? 2 : digits, parts, code_rows>(
            at.n_rows,
            {{weights, rows.codes + at.row * code_row_bytes(w.n_in) + first * code_bytes_of<digits>,
              code_row_bytes(w.n_in), starts.starts + row_block * parts, blocks * parts, table},
             in_words ? word_block_bytes : block_bytes(w),
             block(at.step) + code_bytes(w.kind) + at.column * scale_bytes(w),
             scale_layout(w),
             block_bytes(w),
             code_bytes_of<digits>,
             w.has_min,
             rows.scales + row_block,
             starts.scaled_sums + row_block * parts,
             blocks_of(at.step),
             to,
             at.start});
    }
};

/// Where integer sums start: the weights' offset times the codes of the part, taken off.
template <std::size_t parts>
void set_starts(const matmul_rows& in, std::int32_t offset, std::int32_t* starts) {
    const auto factor =
        static_cast<std::uint32_t>(-offset);  // the sum of a block that is not finite may be any number
    const std::int32_t* sums = in.codes.sums;
    for (std::size_t i = 0; i < in.m * n_blocks(in.n_in); ++i, sums += 2) {
        const auto first = static_cast<std::uint32_t>(sums[0]), last = static_cast<std::uint32_t>(sums[1]);
        starts[i * parts] = static_cast<std::int32_t>(factor * (parts == 1 ? first + last : first));
        if constexpr (parts == 2) starts[i * 2 + 1] = static_cast<std::int32_t>(factor * last);
    }
}

/// What minima of 16 inputs are multiplied with: row scale * sum of the half's codes.
void set_half_sums(const matmul_rows& in, float* scaled_sums) {
    for (std::size_t i = 0; i < in.m * n_blocks(in.n_in) * 2; ++i)
        scaled_sums[i] = in.codes.scales[i / 2] * static_cast<float>(in.codes.sums[i]);
}
