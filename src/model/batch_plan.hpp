#pragma once
// How the rows of a batch are cut: sequences into row tiles that fit the caches, tiles into segments of one
// sequence each.
#include <qslip/model.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace qslip {

/// Rows that go through a product together: whole row blocks of every tier, activations in the L2 cache.
inline constexpr std::size_t max_tile_rows = 264;

/// Consecutive new tokens of one sequence within one tile.
struct segment {
    std::size_t item;            // index in the batch
    std::size_t first_position;  // of its first row, in the sequence
    std::size_t row;             // in the tile
    std::size_t n;
};

struct row_tile {
    std::size_t first_row, n_rows;  // of the whole batch
    std::vector<segment> segments;
};

struct batch_plan {
    std::vector<row_tile> tiles;
    std::vector<std::size_t> scratch_start;  // per item without cache: its first token in the layer scratch
    std::size_t scratch_tokens = 0;          // whole key tiles
    std::size_t n_rows = 0, max_rows = 0, max_positions = 0;
};

/// Errors: arg, shape (n_out).
result<batch_plan> plan_batch(const model_config& config, std::span<const batch_item> batch,
                              std::size_t n_out);

}  // namespace qslip
