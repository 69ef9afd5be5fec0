// What a block of 32 inputs is to the tiers' integer sums.

constexpr std::size_t block_regs = block_inputs / f32_lanes, group_inputs = 4;
constexpr std::size_t word_block_bytes = block_inputs * panel_columns * 2;  // where weights become words

/// A block's weights for tile_columns columns, and the rows' codes.
struct block_operands {
    const std::uint8_t* weights;  // group 0, first column of the tile
    const std::int8_t* codes;     // row 0
    std::size_t row_step;         // bytes from row to row
    const std::int32_t* starts;   // row 0: what the sum starts from
    std::size_t start_step;
};
