// Causal attention of new positions over the keys so far, or over a window of the latest. Two shapes of the
// same arithmetic: columns (32 queries of one head side by side, prefill) and rows (the heads of a group at
// one position, decode). Each score is one chain over the head's dimensions, each output one chain over the
// keys, each softmax sum 16 lanes by key; a hidden key adds a zero. So the two agree bit for bit, wherever
// they begin.

constexpr std::size_t key_step = tile_rows >= 8 ? 8 : 4;  // rows per call; divides 64 and every head size
constexpr float masked_score = -1e30f;
constexpr std::size_t sink_keys = 4;  // at most key_step; hidden ones weigh nothing

QSLIP_INLINE std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

/// Columns from ... to - 1 of a row of 32.
struct column_range {
    std::size_t from, to;
};

/// Which keys the 32 positions from `first` on see: `reach` of them, up to their own; none from `end` on.
struct key_sight {
    std::size_t first, end, reach;
    std::size_t begin;   // keys before are not visited: a multiple of 32, of the lanes and of every tile
    std::size_t common;  // keys common ... first are seen by all columns
    QSLIP_INLINE key_sight(std::size_t first_position, std::size_t n, std::size_t window)
        : first(first_position), end(first_position + n) {
        const std::size_t everything = end + panel_columns;
        reach = window == 0 || window > everything ? everything : window;
        begin = lowest() / panel_columns * panel_columns;
        common = first + panel_columns < reach ? 0 : first + panel_columns - reach;
    }
    /// The first key that column 0 sees.
    QSLIP_INLINE std::size_t lowest() const { return first < reach ? 0 : first + 1 - reach; }
    QSLIP_INLINE column_range columns(std::size_t key) const {
        const std::size_t from = key >= end ? panel_columns : key > first ? key - first : 0;
        const std::size_t to = key + reach > first ? key + reach - first : 0;
        return {from < panel_columns ? from : panel_columns, to < panel_columns ? to : panel_columns};
    }
    QSLIP_INLINE bool hides(std::size_t key) const { return key > first || key < common; }
};

/// c [n_rows, 32] = a * b, b [n_k, 32], in row steps; only the first n_columns need be right.
void column_product(const float* a, std::size_t a_step, const float* b, std::size_t n_k, float* c,
                    std::size_t n_rows, std::size_t n_columns) {
    for (std::size_t row = 0; row < n_rows; row += key_step)
        for (std::size_t sub = 0; sub < n_columns; sub += tile_columns)
            tile<key_step>({a + row,
                            a_step,
                            b + sub,
                            panel_columns,
                            n_k,
                            {c + row * panel_columns + sub, panel_columns, tile_end::set},
                            nullptr});
}

/// Columns first ... end - 1 of a key's row of scores get `value` where they do not see the key.
QSLIP_INLINE void hide(float* row, column_range seen, std::size_t first, std::size_t end, float value) {
    for (std::size_t c = first; c < end && c < seen.from; ++c) row[c] = value;
    for (std::size_t c = seen.to > first ? seen.to : first; c < end; ++c) row[c] = value;
}

/// scores [keys sight.begin ... n_rows - 1, 32] become unnormalised probabilities; sums [32] and, if wanted,
/// the sums of probability times log-probability before normalisation.
void softmax_columns(float* scores, const key_sight& sight, std::size_t n_rows, float scale, float* sums,
                     float* weighted) {
    for (std::size_t key = sight.begin; key < n_rows; ++key)
        if (sight.hides(key))
            hide(scores + (key - sight.begin) * panel_columns, sight.columns(key), 0, panel_columns,
                 masked_score);
    float lanes[sum_lanes * panel_columns] = {}, products[sum_lanes * panel_columns] = {};
    for (std::size_t v = 0; v < panel_columns; v += f32_lanes) {
        f32r top = load(scores + v);
        for (std::size_t row = 1; row < n_rows - sight.begin; ++row)
            top = max(top, load(scores + row * panel_columns + v));
        for (std::size_t key = sight.begin; key < n_rows; ++key) {
            float* row = scores + (key - sight.begin) * panel_columns;
            const f32r x = mul(sub(load(row + v), top), set1(scale));
            f32r e = exp_f32(x);
            store(row + v, e);
            if (sight.hides(key)) {
                hide(row, sight.columns(key), v, v + f32_lanes, 0);
                e = load(row + v);
            }
            float* sum = lanes + key % sum_lanes * panel_columns + v;
            store(sum, add(load(sum), e));
            if (weighted == nullptr) continue;
            float* product = products + key % sum_lanes * panel_columns + v;
            store(product, fma(e, x, load(product)));
        }
    }
    for (std::size_t half = sum_lanes / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half * panel_columns; i += f32_lanes) {
            store(lanes + i, add(load(lanes + i), load(lanes + half * panel_columns + i)));
            store(products + i, add(load(products + i), load(products + half * panel_columns + i)));
        }
    for (std::size_t c = 0; c < panel_columns; ++c) {
        sums[c] = lanes[c];
        if (weighted != nullptr) weighted[c] = products[c];
    }
}

/// Scores [n_keys rows, 32] of keys `first` on, first a multiple of 32, with queries [dim, 32].
void score_columns(const float* keys, std::size_t dim, std::size_t first, std::size_t n_keys,
                   const float* queries, std::size_t n_queries, float* scores) {
    for (std::size_t key = first, n; key < first + n_keys; key += n) {
        const std::size_t in_tile = key % key_tile;
        n = first + n_keys - key < key_tile - in_tile ? first + n_keys - key : key_tile - in_tile;
        column_product(keys + (key - in_tile) * dim + in_tile, key_tile, queries, dim,
                       scores + (key - first) * panel_columns, n, n_queries);
    }
}

/// Up to 32 new positions from `index` on, one head.
void attend_columns(const attention_args& args, std::size_t head, std::size_t index, std::size_t n) {
    const std::size_t dim = args.head_dim, kv_head = head / (args.n_heads / args.n_kv_heads);
    const key_sight sight(args.first_position + index, n, args.window);
    const std::size_t n_rows = round_up(sight.end, key_step);
    float* queries = args.scratch;
    float* out = queries + dim * panel_columns;
    float* scores = out + dim * panel_columns;
    const float* q = args.q + index * args.ldq + head * dim;
    for (std::size_t d = 0; d < dim; ++d)
        for (std::size_t c = 0; c < panel_columns; ++c)
            queries[d * panel_columns + c] = c < n ? q[c * args.ldq + d] : 0.0f;
    score_columns(args.keys + kv_head * args.head_stride, dim, sight.begin, n_rows - sight.begin, queries, n,
                  scores);
    float sums[panel_columns], weighted[panel_columns];
    const bool tapped = args.tap_sums != nullptr;
    softmax_columns(scores, sight, n_rows, args.scale, sums, tapped ? weighted : nullptr);
    column_product(args.values + kv_head * args.head_stride + sight.begin * dim, dim, scores,
                   sight.end - sight.begin, out, dim, n);
    // Adding zero makes -0 and +0 one: hidden keys add zeros of either sign.
    for (std::size_t i = 0; i < dim * panel_columns; i += f32_lanes)
        store(out + i, add(div(load(out + i), load(sums + i % panel_columns)), set1(0.0f)));
    for (std::size_t c = 0; c < n; ++c) {
        float* to = args.out + (index + c) * args.ldo + head * dim;
        for (std::size_t d = 0; d < dim; ++d) to[d] = out[d * panel_columns + c];
        if (!tapped) continue;
        args.tap_sums[(index + c) * args.ldt + head] = sums[c];
        args.tap_weighted[(index + c) * args.ldt + head] = weighted[c];
        float sink = 0;
        for (std::size_t key = sight.begin; key < sink_keys; ++key) sink += scores[key * panel_columns + c];
        args.tap_sink[(index + c) * args.ldt + head] = sink;
    }
}

/// One row of scores as softmax_columns does a column, its first key a multiple of 32. Entries before
/// `first`, and n ... up to a multiple of 16, are zeroed.
QSLIP_INLINE float softmax_row(float* scores, std::size_t first, std::size_t n, float scale,
                               float* weighted) {
    const std::size_t end = round_up(n, sum_lanes);
    for (std::size_t key = 0; key < first; ++key) scores[key] = masked_score;
    for (std::size_t key = n; key < end; ++key) scores[key] = masked_score;
    f32r tops = load(scores);
    for (std::size_t key = f32_lanes; key < end; key += f32_lanes) tops = max(tops, load(scores + key));
    float top[f32_lanes];
    store(top, tops);
    for (std::size_t i = 1; i < f32_lanes; ++i) top[0] = top[i] > top[0] ? top[i] : top[0];
    float lanes[sum_lanes] = {}, products[sum_lanes] = {};
    for (std::size_t key = 0; key < end; key += f32_lanes) {
        const f32r x = mul(sub(load(scores + key), set1(top[0])), set1(scale));
        f32r e = exp_f32(x);
        store(scores + key, e);
        if (key < first || key + f32_lanes > n) {
            for (std::size_t k = key; k < key + f32_lanes && k < first; ++k) scores[k] = 0;
            for (std::size_t k = key > n ? key : n; k < key + f32_lanes; ++k) scores[k] = 0;
            e = load(scores + key);
        }
        float* sum = lanes + key % sum_lanes;
        store(sum, add(load(sum), e));
        if (weighted == nullptr) continue;
        float* product = products + key % sum_lanes;
        store(product, fma(e, x, load(product)));
    }
    if (weighted != nullptr) *weighted = fold_lanes(products);
    return fold_lanes(lanes);
}

/// One new position, `n` heads from `head` on, all of one group; n <= tile_rows.
void attend_rows(const attention_args& args, std::size_t head, std::size_t n, std::size_t index) {
    const std::size_t dim = args.head_dim, kv_head = head / (args.n_heads / args.n_kv_heads);
    const key_sight sight(args.first_position + index, 1, args.window);
    const std::size_t begin = sight.begin, lowest = sight.lowest(), n_keys = sight.end - lowest;
    const std::size_t ld = round_up(sight.end - begin, key_tile);
    float* queries = args.scratch;  // [dim][n]
    float* scores = queries + dim * tile_rows;
    float* packed = scores + ld * tile_rows;  // [n_keys][n]
    const float* q = args.q + index * args.ldq + head * dim;
    float* out = args.out + index * args.ldo + head * dim;
    for (std::size_t d = 0; d < dim; ++d)
        for (std::size_t r = 0; r < n; ++r) queries[d * n + r] = q[r * dim + d];
    const float* keys = args.keys + kv_head * args.head_stride;
    for (std::size_t key = begin; key < sight.end; key += tile_columns)
        tile_of<tile_rows>(n, {queries,
                               n,
                               keys + key / key_tile * key_tile * dim + key % key_tile,
                               key_tile,
                               dim,
                               {scores + key - begin, ld, tile_end::set},
                               nullptr});
    float sums[tile_rows];
    for (std::size_t r = 0; r < n; ++r) {
        const std::size_t tap = index * args.ldt + head + r;
        sums[r] = softmax_row(scores + r * ld, lowest - begin, sight.end - begin, args.scale,
                              args.tap_sums != nullptr ? args.tap_weighted + tap : nullptr);
        if (args.tap_sums != nullptr) {
            args.tap_sums[tap] = sums[r];
            args.tap_sink[tap] = 0;
            for (std::size_t key = begin; key < sink_keys; ++key) args.tap_sink[tap] += scores[r * ld + key];
        }
        for (std::size_t key = 0; key < n_keys; ++key)
            packed[key * n + r] = scores[r * ld + lowest - begin + key];
    }
    const float* values = args.values + kv_head * args.head_stride + lowest * dim;
    for (std::size_t sub = 0; sub < dim; sub += tile_columns)
        tile_of<tile_rows>(n,
                           {packed, n, values + sub, dim, n_keys, {out + sub, dim, tile_end::set}, nullptr});
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t d = 0; d < dim; ++d) out[r * dim + d] = out[r * dim + d] / sums[r] + 0.0f;
}

void attention(const attention_args& args) {
    constexpr std::size_t min_columns = panel_columns / 2;  // fewer queries go row by row
    const std::size_t group = args.n_heads / args.n_kv_heads;
    std::size_t index = 0;
    for (; args.n_new - index >= min_columns;) {
        const std::size_t n = args.n_new - index < panel_columns ? args.n_new - index : panel_columns;
        for (std::size_t head = 0; head < args.n_heads; ++head) attend_columns(args, head, index, n);
        index += n;
    }
    for (; index < args.n_new; ++index)
        for (std::size_t kv_head = 0; kv_head < args.n_kv_heads; ++kv_head)
            for (std::size_t r = 0; r < group; r += tile_rows)
                attend_rows(args, kv_head * group + r, group - r < tile_rows ? group - r : tile_rows, index);
}
