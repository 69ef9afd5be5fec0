// Rows to columns, by blocks of four in registers.

typedef float four_floats __attribute__((vector_size(16), aligned(4), may_alias));

QSLIP_INLINE four_floats load_four(const float* p) { return *reinterpret_cast<const four_floats*>(p); }
QSLIP_INLINE void store_four(float* p, four_floats x) { *reinterpret_cast<four_floats*>(p) = x; }

QSLIP_INLINE void transpose_block(const float* from, std::size_t ld_from, float* to, std::size_t ld_to) {
    const four_floats a = load_four(from), b = load_four(from + ld_from), c = load_four(from + 2 * ld_from),
                      d = load_four(from + 3 * ld_from);
    const four_floats ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                      ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7),
                      cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5),
                      cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    store_four(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
    store_four(to + ld_to, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
    store_four(to + 2 * ld_to, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
    store_four(to + 3 * ld_to, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

/// to [n_columns, ld_to] = from [n_rows, ld_from], n_columns of it.
void transpose(const float* from, std::size_t ld_from, std::size_t n_rows, std::size_t n_columns, float* to,
               std::size_t ld_to) {
    const std::size_t rows = n_rows / 4 * 4, columns = n_columns / 4 * 4;
    for (std::size_t r = 0; r < rows; r += 4)
        for (std::size_t c = 0; c < columns; c += 4)
            transpose_block(from + r * ld_from + c, ld_from, to + c * ld_to + r, ld_to);
    for (std::size_t r = 0; r < n_rows; ++r)
        for (std::size_t c = r < rows ? columns : 0; c < n_columns; ++c)
            to[c * ld_to + r] = from[r * ld_from + c];
}
