// How the sums of a register tile begin and where they go.

enum class tile_end { set, add };

struct tile_target {
    float* c;
    std::size_t ldc;
    tile_end end;
};

constexpr std::size_t tile_columns = tile_regs * f32_lanes;

/// From zero, or from the sums of the steps before, rows panel_columns apart.
template <std::size_t rows>
QSLIP_INLINE void start_sums(f32r (&sums)[rows][tile_regs], const float* start) {
    QSLIP_UNROLL
    for (std::size_t i = 0; i < rows * tile_regs; ++i) sums[i / tile_regs][i % tile_regs] = set1(0.0f);
    if (start == nullptr) return;
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v)
            sums[r][v] = load(start + r * panel_columns + v * f32_lanes);
    }
}

template <std::size_t rows>
QSLIP_INLINE void end_sums(f32r (&sums)[rows][tile_regs], const tile_target& to) {
    if (to.end == tile_end::add) {
        QSLIP_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
            QSLIP_UNROLL
            for (std::size_t v = 0; v < tile_regs; ++v)
                sums[r][v] = add(load(to.c + r * to.ldc + v * f32_lanes), sums[r][v]);
        }
    }
    QSLIP_UNROLL
    for (std::size_t r = 0; r < rows; ++r) {
        QSLIP_UNROLL
        for (std::size_t v = 0; v < tile_regs; ++v) store(to.c + r * to.ldc + v * f32_lanes, sums[r][v]);
    }
}
