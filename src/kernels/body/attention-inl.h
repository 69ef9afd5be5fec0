// Causal attention of new positions over the keys so far, or over a window of the latest. Two shapes of the
// same arithmetic: columns (32 queries of one head side by side, prefill) and rows (the heads of a group at
// one position, decode). Each score is one chain over the head's dimensions, each output one chain over the
// keys, each softmax sum 16 lanes by key; a hidden key adds a zero. So the two agree bit for bit, wherever
// they begin.

constexpr std::size_t call_rows = tile_rows < 8 ? tile_rows : 8;  // 12 would leave 4 of 64 for a last call
constexpr float masked_score = -1e30f;
constexpr std::size_t sink_keys = 4;  // hidden ones weigh nothing

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
};

/// c [n_rows, 32] = a * b, b [n_k, 32]; only the first n_columns need be right.
void column_product(const float* a, std::size_t a_step, const float* b, std::size_t n_k, float* c,
                    std::size_t n_rows, std::size_t n_columns) {
    for (std::size_t row = 0; row < n_rows; row += call_rows)
        for (std::size_t sub = 0; sub < n_columns; sub += tile_columns)
            tile_of<call_rows>(n_rows - row < call_rows ? n_rows - row : call_rows,
                               {a + row,
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

/// Where softmax puts its sums of a row, or of 32 columns, of scores.
struct softmax_sums {
    float* sums;
    float* weighted;    // null, or sums of probability times log-probability before normalisation
    const float* base;  // null, or a baseline's probabilities before normalisation, laid out as the scores
    float* crossed;     // with base: sums of those times log-probability before normalisation
};

QSLIP_INLINE void add_product(float* sum, f32r a, f32r b) { store(sum, fma(a, b, load(sum))); }

/// out [32]: 16 lanes of 32 columns, folded as fold_lanes does.
void fold_columns(float* lanes, float* out) {
    for (std::size_t half = sum_lanes / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half * panel_columns; i += f32_lanes)
            store(lanes + i, add(load(lanes + i), load(lanes + half * panel_columns + i)));
    for (std::size_t c = 0; c < panel_columns; ++c) out[c] = lanes[c];
}

/// Sums of 32 columns, 16 lanes by key each; not `told`: of the probabilities only.
template <bool told>
struct column_lanes {
    static constexpr std::size_t n = sum_lanes * panel_columns;
    float sums[n], weighted[told ? n : 1], crossed[told ? n : 1];
};

/// Hides the scores of keys `key` ... end - 1 from the columns that do not see them.
QSLIP_INLINE void mask_columns(float* scores, const key_sight& sight, std::size_t key, std::size_t end) {
    for (; key < end; ++key)
        hide(scores + (key - sight.begin) * panel_columns, sight.columns(key), 0, panel_columns,
             masked_score);
}

/// Keys `key` ... end - 1 in the columns from v on: scores become unnormalised probabilities, and are summed.
template <bool told, bool hides>
QSLIP_INLINE void exp_columns(float* scores, const key_sight& sight, std::size_t key, std::size_t end,
                              std::size_t v, f32r top, float scale, const float* base,
                              column_lanes<told>& to) {
    const std::size_t start = (key - sight.begin) * panel_columns + v;
    float* p = scores + start;
    const float* b = base != nullptr ? base + start : nullptr;
    for (; key < end; ++key, p += panel_columns) {
        const std::size_t lane = key % sum_lanes * panel_columns + v;
        const f32r x = mul(sub(load(p), top), set1(scale));
        f32r e = exp_f32(x);
        store(p, e);
        if (hides) {
            hide(p - v, sight.columns(key), v, v + f32_lanes, 0);
            e = load(p);
        }
        store(to.sums + lane, add(load(to.sums + lane), e));
        if (told) add_product(to.weighted + lane, e, x);
        if (!told || b == nullptr) continue;
        add_product(to.crossed + lane, load(b), x);
        b += panel_columns;
    }
}

/// scores [keys sight.begin ... sight.end - 1, 32] become unnormalised probabilities. Not `told`: sums only.
template <bool told>
void softmax_columns(float* scores, const key_sight& sight, float scale, const softmax_sums& to) {
    // Keys from seen to hidden are seen by all columns.
    const std::size_t common = sight.common < sight.end ? sight.common : sight.end;
    const std::size_t seen = common > sight.begin ? common : sight.begin;
    const std::size_t hidden = sight.first + 1 > seen ? sight.first + 1 : seen;
    mask_columns(scores, sight, sight.begin, seen);
    mask_columns(scores, sight, hidden, sight.end);
    column_lanes<told> lanes = {};
    for (std::size_t v = 0; v < panel_columns; v += f32_lanes) {
        f32r top = load(scores + v);
        for (std::size_t row = 1; row < sight.end - sight.begin; ++row)
            top = max(top, load(scores + row * panel_columns + v));
        exp_columns<told, true>(scores, sight, sight.begin, seen, v, top, scale, to.base, lanes);
        exp_columns<told, false>(scores, sight, seen, hidden, v, top, scale, to.base, lanes);
        exp_columns<told, true>(scores, sight, hidden, sight.end, v, top, scale, to.base, lanes);
    }
    fold_columns(lanes.sums, to.sums);
    if (told) fold_columns(lanes.weighted, to.weighted);
    if (told && to.base != nullptr) fold_columns(lanes.crossed, to.crossed);
}

/// Scores [keys sight.begin ... sight.end - 1, 32] of n positions from `index` on with the keys of one head.
void score_columns(const attention_args& args, const float* q, const float* keys, std::size_t index,
                   std::size_t n, const key_sight& sight, float* scores) {
    const std::size_t dim = args.head_dim;
    float* queries = args.scratch;
    transpose(q + index * args.ldq, args.ldq, n, dim, queries, panel_columns);
    for (std::size_t d = 0; d < dim && n < panel_columns; ++d)
        for (std::size_t c = n; c < panel_columns; ++c) queries[d * panel_columns + c] = 0.0f;
    for (std::size_t key = sight.begin, n_keys; key < sight.end; key += n_keys) {
        const std::size_t in_tile = key % key_tile;
        n_keys = sight.end - key < key_tile - in_tile ? sight.end - key : key_tile - in_tile;
        column_product(keys + (key - in_tile) * dim + in_tile, key_tile, queries, dim,
                       scores + (key - sight.begin) * panel_columns, n_keys, n);
    }
}

/// Up to 32 new positions from `index` on, one head.
void attend_columns(const attention_args& args, std::size_t head, std::size_t index, std::size_t n) {
    const std::size_t dim = args.head_dim, kv_head = head / (args.n_heads / args.n_kv_heads);
    const std::size_t of_keys = kv_head * args.head_stride;
    const key_sight sight(args.first_position + index, n, args.window);
    const std::size_t n_keys = sight.end - sight.begin;
    const attention_taps& taps = args.taps;
    float* out = args.scratch + dim * panel_columns;
    float* scores = out + dim * panel_columns;
    float sums[panel_columns], weighted[panel_columns], crossed[panel_columns];
    softmax_sums of_head = {sums, taps.sums != nullptr ? weighted : nullptr, nullptr, crossed};
    if (taps.crossed != nullptr) {
        float* base = scores + n_keys * panel_columns;
        score_columns(args, taps.base_q + head * dim, taps.base_keys + of_keys, index, n, sight, base);
        softmax_columns<false>(base, sight, args.scale, {sums, nullptr, nullptr, nullptr});
        of_head.base = base;
    }
    score_columns(args, args.q + head * dim, args.keys + of_keys, index, n, sight, scores);
    (taps.sums != nullptr ? softmax_columns<true> : softmax_columns<false>)(scores, sight, args.scale,
                                                                            of_head);
    column_product(args.values + of_keys + sight.begin * dim, dim, scores, n_keys, out, dim, n);
    // Adding zero makes -0 and +0 one: hidden keys add zeros of either sign.
    for (std::size_t i = 0; i < dim * panel_columns; i += f32_lanes)
        store(out + i, add(div(load(out + i), load(sums + i % panel_columns)), set1(0.0f)));
    transpose(out, panel_columns, dim, n, args.out + index * args.ldo + head * dim, args.ldo);
    if (taps.sums == nullptr) return;
    for (std::size_t c = 0; c < n; ++c) {
        const std::size_t tap = (index + c) * taps.ld + head;
        taps.sums[tap] = sums[c];
        taps.weighted[tap] = weighted[c];
        taps.sink[tap] = 0;
        for (std::size_t key = sight.begin; key < sink_keys; ++key)
            taps.sink[tap] += scores[key * panel_columns + c];
        if (taps.crossed != nullptr) taps.crossed[tap] = crossed[c];
    }
}

/// One row of scores as softmax_columns does a column, its first key a multiple of 32. Entries before
/// `first`, and n ... up to a multiple of 16, are zeroed.
QSLIP_INLINE void softmax_row(float* scores, std::size_t first, std::size_t n, float scale,
                              const softmax_sums& to) {
    const std::size_t end = round_up(n, sum_lanes);
    for (std::size_t key = 0; key < first; ++key) scores[key] = masked_score;
    for (std::size_t key = n; key < end; ++key) scores[key] = masked_score;
    f32r tops = load(scores);
    for (std::size_t key = f32_lanes; key < end; key += f32_lanes) tops = max(tops, load(scores + key));
    float top[f32_lanes];
    store(top, tops);
    for (std::size_t i = 1; i < f32_lanes; ++i) top[0] = top[i] > top[0] ? top[i] : top[0];
    float sums[sum_lanes] = {}, weighted[sum_lanes] = {}, crossed[sum_lanes] = {};
    const bool is_weighted = to.weighted != nullptr;
    const float* base = to.base;
    for (std::size_t key = 0; key < end; key += f32_lanes) {
        const std::size_t lane = key % sum_lanes;
        const f32r x = mul(sub(load(scores + key), set1(top[0])), set1(scale));
        f32r e = exp_f32(x);
        store(scores + key, e);
        if (key < first || key + f32_lanes > n) {
            for (std::size_t k = key; k < key + f32_lanes && k < first; ++k) scores[k] = 0;
            for (std::size_t k = key > n ? key : n; k < key + f32_lanes; ++k) scores[k] = 0;
            e = load(scores + key);
        }
        store(sums + lane, add(load(sums + lane), e));
        if (is_weighted) add_product(weighted + lane, e, x);
        if (base != nullptr) add_product(crossed + lane, load(base + key), x);
    }
    *to.sums = fold_lanes(sums);
    if (is_weighted) *to.weighted = fold_lanes(weighted);
    if (base != nullptr) *to.crossed = fold_lanes(crossed);
}

/// Scores [n, ld] of one position and n heads of one group with the keys from sight.begin on.
void score_rows(const attention_args& args, const float* q, const float* keys, std::size_t index,
                std::size_t n, const key_sight& sight, std::size_t ld, float* scores) {
    const std::size_t dim = args.head_dim;
    float* queries = args.scratch;  // [dim][n]
    transpose(q + index * args.ldq, dim, n, dim, queries, n);
    for (std::size_t key = sight.begin; key < sight.end; key += tile_columns)
        tile_of<tile_rows>(n, {queries,
                               n,
                               keys + key / key_tile * key_tile * dim + key % key_tile,
                               key_tile,
                               dim,
                               {scores + key - sight.begin, ld, tile_end::set},
                               nullptr});
}

/// One new position, `n` heads from `head` on, all of one group; n <= tile_rows.
void attend_rows(const attention_args& args, std::size_t head, std::size_t n, std::size_t index) {
    const std::size_t dim = args.head_dim, kv_head = head / (args.n_heads / args.n_kv_heads);
    const std::size_t of_keys = kv_head * args.head_stride;
    const key_sight sight(args.first_position + index, 1, args.window);
    const std::size_t first = sight.lowest() - sight.begin, n_keys = sight.end - sight.begin;
    const std::size_t ld = round_up(n_keys, key_tile);
    const attention_taps& taps = args.taps;
    float* scores = args.scratch + dim * tile_rows;
    float* packed = scores + ld * tile_rows;  // [keys from first on][n]
    float* base = packed + ld * tile_rows;
    if (taps.crossed != nullptr)
        score_rows(args, taps.base_q + head * dim, taps.base_keys + of_keys, index, n, sight, ld, base);
    score_rows(args, args.q + head * dim, args.keys + of_keys, index, n, sight, ld, scores);
    float sums[tile_rows];
    for (std::size_t r = 0; r < n; ++r) {
        const std::size_t tap = index * taps.ld + head + r;
        float* row = scores + r * ld;
        softmax_sums to = {sums + r, nullptr, nullptr, nullptr};
        if (taps.crossed != nullptr) {
            softmax_row(base + r * ld, first, n_keys, args.scale, to);
            to.base = base + r * ld;
            to.crossed = taps.crossed + tap;
        }
        if (taps.sums != nullptr) to.weighted = taps.weighted + tap;
        softmax_row(row, first, n_keys, args.scale, to);
        if (taps.sums == nullptr) continue;
        taps.sums[tap] = sums[r];
        taps.sink[tap] = 0;
        for (std::size_t key = sight.begin; key < sink_keys; ++key) taps.sink[tap] += row[key];
    }
    transpose(scores + first, ld, n, n_keys - first, packed, n);
    float* out = args.out + index * args.ldo + head * dim;
    const float* values = args.values + of_keys + sight.lowest() * dim;
    for (std::size_t sub = 0; sub < dim; sub += tile_columns)
        tile_of<tile_rows>(
            n, {packed, n, values + sub, dim, n_keys - first, {out + sub, dim, tile_end::set}, nullptr});
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
