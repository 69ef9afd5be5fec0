// Causal attention of new positions over the keys so far. Two shapes of the same arithmetic: columns
// (32 queries of one head side by side, prefill) and rows (the heads of a group at one position, decode).
// Each score is one chain over the head's dimensions, each output one chain over the keys, each softmax
// sum 16 lanes by key, so the two agree bit for bit.

constexpr std::size_t key_step = tile_rows >= 8 ? 8 : 4;  // rows per call; divides 64 and every head size
constexpr float masked_score = -1e30f;
constexpr std::size_t sink_keys = 4;  // at most key_step; hidden ones weigh nothing

QSLIP_INLINE std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

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

/// Scores of key rows, 32 queries wide, at `first` the position of column 0: hides the later keys.
void mask_columns(float* scores, std::size_t n_keys, std::size_t first, std::size_t n_rows, float value) {
    for (std::size_t key = first + 1; key < n_rows; ++key) {
        const std::size_t n = key >= n_keys || key - first >= panel_columns ? panel_columns : key - first;
        for (std::size_t c = 0; c < n; ++c) scores[key * panel_columns + c] = value;
    }
}

/// scores [n_rows keys, 32] become unnormalised probabilities; sums [32] and, if wanted, the sums of
/// probability times log-probability before normalisation.
void softmax_columns(float* scores, std::size_t n_keys, std::size_t first, std::size_t n_rows, float scale,
                     float* sums, float* weighted) {
    mask_columns(scores, n_keys, first, n_rows, masked_score);
    float lanes[sum_lanes * panel_columns] = {}, products[sum_lanes * panel_columns] = {};
    for (std::size_t v = 0; v < panel_columns; v += f32_lanes) {
        f32r top = load(scores + v);
        for (std::size_t key = 1; key < n_rows; ++key) top = max(top, load(scores + key * panel_columns + v));
        for (std::size_t key = 0; key < n_rows; ++key) {
            float* p = scores + key * panel_columns + v;
            const f32r x = mul(sub(load(p), top), set1(scale));
            f32r e = exp_f32(x);
            store(p, e);
            if (key > first) {
                const std::size_t hidden = key >= n_keys ? panel_columns : key - first;
                for (std::size_t c = v; c < v + f32_lanes && c < hidden; ++c)
                    scores[key * panel_columns + c] = 0;
                e = load(p);
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

/// Up to 32 new positions from `index` on, one head.
void attend_columns(const attention_args& args, std::size_t head, std::size_t index, std::size_t n) {
    const std::size_t dim = args.head_dim, kv_head = head / (args.n_heads / args.n_kv_heads);
    const std::size_t first = args.first_position + index, n_keys = first + n;
    const std::size_t n_rows = round_up(n_keys, key_step);
    float* queries = args.scratch;
    float* out = queries + dim * panel_columns;
    float* scores = out + dim * panel_columns;
    const float* q = args.q + index * args.ldq + head * dim;
    for (std::size_t d = 0; d < dim; ++d)
        for (std::size_t c = 0; c < panel_columns; ++c)
            queries[d * panel_columns + c] = c < n ? q[c * args.ldq + d] : 0.0f;
    const float* keys = args.keys + kv_head * args.head_stride;
    for (std::size_t key = 0; key < n_rows; key += key_tile, keys += dim * key_tile)
        column_product(keys, key_tile, queries, dim, scores + key * panel_columns,
                       n_rows - key < key_tile ? n_rows - key : key_tile, n);
    float sums[panel_columns], weighted[panel_columns];
    const bool tapped = args.tap_sums != nullptr;
    softmax_columns(scores, n_keys, first, n_rows, args.scale, sums, tapped ? weighted : nullptr);
    column_product(args.values + kv_head * args.head_stride, dim, scores, n_keys, out, dim, n);
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
        for (std::size_t key = 0; key < sink_keys; ++key) sink += scores[key * panel_columns + c];
        args.tap_sink[(index + c) * args.ldt + head] = sink;
    }
}

/// One row of scores as softmax_columns does a column; entries n_keys ... up to a multiple of 16 are zeroed.
QSLIP_INLINE float softmax_row(float* scores, std::size_t n_keys, float scale, float* weighted) {
    const std::size_t end = round_up(n_keys, sum_lanes);
    for (std::size_t key = n_keys; key < end; ++key) scores[key] = masked_score;
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
        if (key + f32_lanes > n_keys) {
            for (std::size_t k = key > n_keys ? key : n_keys; k < key + f32_lanes; ++k) scores[k] = 0;
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
    const std::size_t n_keys = args.first_position + index + 1, ld = round_up(n_keys, key_tile);
    float* queries = args.scratch;  // [dim][n]
    float* scores = queries + dim * tile_rows;
    float* packed = scores + ld * tile_rows;  // [n_keys][n]
    const float* q = args.q + index * args.ldq + head * dim;
    float* out = args.out + index * args.ldo + head * dim;
    for (std::size_t d = 0; d < dim; ++d)
        for (std::size_t r = 0; r < n; ++r) queries[d * n + r] = q[r * dim + d];
    const float* keys = args.keys + kv_head * args.head_stride;
    for (std::size_t key = 0; key < n_keys; key += key_tile, keys += dim * key_tile)
        for (std::size_t sub = 0; sub < key_tile; sub += tile_columns)
            tile_of<tile_rows>(
                n, {queries, n, keys + sub, key_tile, dim, {scores + key + sub, ld, tile_end::set}, nullptr});
    float sums[tile_rows];
    for (std::size_t r = 0; r < n; ++r) {
        const std::size_t tap = index * args.ldt + head + r;
        sums[r] = softmax_row(scores + r * ld, n_keys, args.scale,
                              args.tap_sums != nullptr ? args.tap_weighted + tap : nullptr);
        if (args.tap_sums != nullptr) {
            args.tap_sums[tap] = sums[r];
            args.tap_sink[tap] = 0;
            for (std::size_t key = 0; key < sink_keys; ++key) args.tap_sink[tap] += scores[r * ld + key];
        }
        for (std::size_t key = 0; key < n_keys; ++key) packed[key * n + r] = scores[r * ld + key];
    }
    const float* values = args.values + kv_head * args.head_stride;
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
