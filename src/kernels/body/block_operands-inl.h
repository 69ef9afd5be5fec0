// What a block of 32 inputs is to the tiers' integer sums.

constexpr std::size_t block_regs = block_inputs / f32_lanes, group_inputs = 4;
constexpr std::size_t word_block_bytes = block_inputs * panel_columns * 2;  // where weights become words

/// How the weights of a block lie: bytes; nibbles; nibbles that stand for the bytes of a table; any of these
/// made words.
enum class code_form { bytes, nibbles, indices, words };
/// Groups of four inputs as stored: nibbles hold two each.
template <code_form form>
constexpr std::size_t stored_groups = form == code_form::nibbles || form == code_form::indices ? 4 : 8;
/// Of the numbers that are multiplied.
template <code_form form>
constexpr int dot_bits = form == code_form::nibbles ? 4 : 8;

/// Inputs of a block that share a scale: all, or the first 16 and the last 16.
enum class block_part { whole, first, last };

/// A block's weights for tile_columns columns, and the rows' codes.
struct block_operands {
    const std::uint8_t* weights;  // group 0, first column of the tile
    const std::int8_t* codes;     // row 0
    std::size_t row_step;         // bytes from row to row
    const std::int32_t* starts;   // row 0: what the sum starts from
    std::size_t start_step;
    byte_table table;  // what indices stand for
};
