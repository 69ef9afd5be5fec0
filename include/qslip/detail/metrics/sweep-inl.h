// The canonical fp64 sweep over two rows of logits: three passes, eight lanes (entry i belongs to lane
// i mod 8), each lane summed in order, lanes reduced 0+1 2+3 4+5 6+7 and then pairwise.
// No include guard: included inside a namespace that has the operations of core/f64_scalar-inl.h, the
// functions of core/math-inl.h, std::size_t, std::int32_t and qslip::position_values. Kernels include it
// once per instruction set, so nothing here may call std or use a lambda.
//
// Let t be the larger of an entry's p and q, u = -|ln q - ln p| (formed from differences of logits, which
// keeps its precision when P and Q nearly agree) and e = e^u - 1. Every divergence is a sum of t f(u):
//   ahead = e - u           what KL(larger || smaller) gets, kl_fwd where p > q, kl_rev where q > p
//   back  = u e - ahead     what the other KL gets
//   tv    -e / 2
//   js    (back - K) / 2,   K = (2 + e) ln(1 + e/2) - e = s e (1 + (s + s^2) W(s^2)),  s = e / (4 + e),
//         W(z) = (atanh(sqrt z) / sqrt z - 1) / z
// None cancels, near u = 0 or far, so one formula without a branch serves every entry, and none can go
// negative. exp(t) underflows only where both p and q do.

constexpr unsigned sweep_lanes = 8;
constexpr unsigned sweep_groups = sweep_lanes / f64_lanes;
/// Entries per step of a pass. Steps go stage by stage over their vectors: a chain of dependent operations
/// per entry would leave a wide core's units half idle. A short last step is filled with -inf.
constexpr unsigned sweep_block = 64;
constexpr unsigned sweep_vectors = sweep_block / f64_lanes;
constexpr double sweep_inf = __builtin_inf();
constexpr double sweep_lowest = -3.4028234663852886e38;  // every finite float is >= this

/// What one row says by itself. The first pass finds its extremes, the second the sums.
struct sweep_row {
    const float* x;
    double max, second, log_sum;
    std::size_t argmax;
    bool nonfinite;
    double entropy_nats = 0;
    bool narrow = false;  ///< no entry is masked and no ln p below -700: exp needs no care
};

/// Lane values in the fixed tree.
inline double sweep_reduce(const f64v* lanes) {
    double s[sweep_lanes];
    for (unsigned g = 0; g < sweep_groups; ++g) f64_store(s + g * f64_lanes, lanes[g]);
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

inline void sweep_take_top(sweep_row& row, double v) {
    const double lower = v < row.max ? v : row.max;
    row.second = lower > row.second ? lower : row.second;
    row.max = v > row.max ? v : row.max;
}

/// A NaN may go unseen here; it reaches the sums of the second pass.
inline void sweep_find_max(sweep_row& row, std::size_t n) {
    f64v max[sweep_groups], second[sweep_groups], min[sweep_groups];
    for (unsigned g = 0; g < sweep_groups; ++g) {
        max[g] = second[g] = f64_splat(-sweep_inf);
        min[g] = f64_splat(sweep_inf);
    }
    const std::size_t n_whole = n / sweep_lanes * sweep_lanes;
    for (std::size_t i = 0; i < n_whole; i += sweep_lanes) {
        for (unsigned g = 0; g < sweep_groups; ++g) {
            const f64v v = f64_load(row.x + i + g * f64_lanes);
            second[g] = f64_max(second[g], f64_min(max[g], v));
            max[g] = f64_max(max[g], v);
            min[g] = f64_min(min[g], v);
        }
    }
    double tops[2 * sweep_lanes], lows[sweep_lanes];
    for (unsigned g = 0; g < sweep_groups; ++g) {
        f64_store(tops + g * f64_lanes, max[g]);
        f64_store(tops + sweep_lanes + g * f64_lanes, second[g]);
        f64_store(lows + g * f64_lanes, min[g]);
    }
    row.max = row.second = -sweep_inf;
    double lowest = sweep_inf;
    for (unsigned j = 0; j < 2 * sweep_lanes; ++j) sweep_take_top(row, tops[j]);
    for (unsigned j = 0; j < sweep_lanes; ++j) lowest = lows[j] < lowest ? lows[j] : lowest;
    for (std::size_t i = n_whole; i < n; ++i) {
        const double v = static_cast<double>(row.x[i]);
        sweep_take_top(row, v);
        lowest = v < lowest ? v : lowest;
    }
    row.nonfinite = !(row.max >= sweep_lowest && row.max < sweep_inf);
    row.narrow = lowest - row.max > -650.0;  // the sum is below e^45
}

/// Lowest id that holds `value`; n when none does.
inline std::size_t sweep_first_equal(const float* x, std::size_t n, double value) {
    std::size_t i = 0;
    while (i + f64_lanes <= n && !f64_any(f64_eq(f64_load(x + i), f64_splat(value)))) i += f64_lanes;
    while (i < n && static_cast<double>(x[i]) != value) ++i;
    return i;
}

/// Lanes' sums of r = exp(x - max) and of r (x - max).
struct sweep_row_sums {
    f64v r[sweep_groups], rx[sweep_groups];
};

/// Adds the blocks of x [n].
[[gnu::always_inline]] inline void sweep_add_row(sweep_row_sums& sums, const float* x, std::size_t n,
                                                 f64v max, bool narrow) {
    f64v r[sweep_vectors], below[sweep_vectors];
    for (std::size_t i = 0; i < n; i += sweep_block) {
        for (unsigned v = 0; v < sweep_vectors; ++v) {
            below[v] = f64_load(x + i + v * f64_lanes) - max;
            r[v] = narrow ? f64_exp_inside(below[v]) : f64_exp_flush(below[v]);
            if (!narrow) below[v] = f64_max(f64_splat(-1000.0), below[v]);  // of a masked entry: 0 * -inf
        }
        for (unsigned v = 0; v < sweep_vectors; ++v) {
            const unsigned g = v % sweep_groups;
            sums.r[g] = sums.r[g] + r[v];
            sums.rx[g] = sums.rx[g] + r[v] * below[v];
        }
    }
}
inline void sweep_add_whole(sweep_row_sums& sums, const sweep_row& row, std::size_t i, std::size_t n) {
    const f64v max = f64_splat(row.max);
    if (row.narrow)
        sweep_add_row(sums, row.x + i, n, max, true);
    else
        sweep_add_row(sums, row.x + i, n, max, false);
}
/// The block at i, without the largest entry and filled up to its length.
inline void sweep_add_part(sweep_row_sums& sums, const sweep_row& row, std::size_t i, std::size_t n) {
    float buffer[sweep_block];
    for (unsigned j = 0; j < sweep_block; ++j)
        buffer[j] = i + j < n && i + j != row.argmax ? row.x[i + j] : -__builtin_inff();
    sweep_add_row(sums, buffer, sweep_block, f64_splat(row.max), false);
}

/// One number through a lane function, whatever the lane count.
inline double sweep_first_lane(f64v v) {
    double lanes[f64_lanes];
    f64_store(lanes, v);
    return lanes[0];
}

/// ln sum exp(x - max) = log1p of the sum without its largest entry, precise when that one is nearly all;
/// and the entropy, ln sum - sum r x / sum r, of which both parts are positive.
inline void sweep_sum_row(sweep_row& row, std::size_t n) {
    sweep_row_sums sums;
    for (unsigned g = 0; g < sweep_groups; ++g) sums.r[g] = sums.rx[g] = f64_splat(0.0);
    const std::size_t top = row.argmax / sweep_block * sweep_block, n_whole = n / sweep_block * sweep_block;
    sweep_add_whole(sums, row, 0, top);
    sweep_add_part(sums, row, top, n);
    if (top < n_whole) sweep_add_whole(sums, row, top + sweep_block, n_whole - top - sweep_block);
    if (top < n_whole && n_whole < n) sweep_add_part(sums, row, n_whole, n);
    const double sum = sweep_reduce(sums.r);
    row.nonfinite = !(sum >= 0.0);
    row.log_sum = sweep_first_lane(f64_log1p(f64_splat(sum)));
    row.entropy_nats = row.log_sum - sweep_reduce(sums.rx) / (1.0 + sum);
}

/// Finds everything about one row that needs no other row.
inline void sweep_scan_row(sweep_row& row, std::size_t n) {
    sweep_find_max(row, n);
    if (row.nonfinite) return;
    row.argmax = sweep_first_equal(row.x, n, row.max);
    sweep_sum_row(row, n);
}

/// The offsets that turn logits into log-probabilities.
struct sweep_offsets {
    f64v max_base, max_cand, log_sum_base, log_sum_cand, log_sum_diff;
};
/// Per lane: sums over entries, and whether a row masks an entry the other allows.
struct sweep_sums {
    f64v kl_fwd[sweep_groups], kl_rev[sweep_groups], js2[sweep_groups], neg_tv2[sweep_groups];
    f64v missing_in_base[sweep_groups], missing_in_cand[sweep_groups];
};

/// K of the head comment: (2 + e) ln(1 + e/2) - e for -1 <= e <= 0, to 3e-13 of itself. W is interpolated at
/// e = -1 too, where js is then ln 2.
[[gnu::always_inline]] inline f64v sweep_js_rest(f64v e) {
    const f64v s = e / (f64_splat(4.0) + e);
    const f64v z = s * s;
    const f64v w =
        f64_polynomial(z, 0.33333333333570137, 0.19999999793969114, 0.1428574342738701, 0.11109573497925172,
                       0.09129235626247195, 0.07209157232040986, 0.09578175340477375);
    return s * e * (f64_splat(1.0) + (s + z) * w);
}

/// Notes entries of one block that only one row masks.
inline void sweep_note_masks(sweep_sums& sums, const float* a, const float* b) {
    const f64v zero = f64_splat(0.0), one = f64_splat(1.0), lowest = f64_splat(sweep_lowest);
    for (unsigned v = 0; v < sweep_vectors; ++v) {
        const f64m no_a = f64_lt(f64_load(a + v * f64_lanes), lowest);
        const f64m no_b = f64_lt(f64_load(b + v * f64_lanes), lowest);
        const f64v in_a = f64_select(no_a, zero, one), in_b = f64_select(no_b, zero, one);
        const unsigned g = v % sweep_groups;
        sums.missing_in_base[g] = sums.missing_in_base[g] + f64_select(no_a, in_b, zero);
        sums.missing_in_cand[g] = sums.missing_in_cand[g] + f64_select(no_b, in_a, zero);
    }
}

/// Adds the blocks of a, b [n]. `narrow` promises two narrow rows; it changes no bit, and leaves out what
/// they do not need.
[[gnu::always_inline]] inline void sweep_add_pairs(sweep_sums& sums, const float* a, const float* b,
                                                   std::size_t n, const sweep_offsets& o, bool narrow) {
    f64v d[sweep_vectors], top[sweep_vectors], e[sweep_vectors], back[sweep_vectors], ahead[sweep_vectors];
    for (std::size_t i = 0; i < n; i += sweep_block) {
        for (unsigned v = 0; v < sweep_vectors; ++v) {
            const f64v xa = f64_load(a + i + v * f64_lanes) - o.max_base;
            const f64v xb = f64_load(b + i + v * f64_lanes) - o.max_cand;
            d[v] = (xb - xa) - o.log_sum_diff;
            const f64v log_top = f64_max(xa - o.log_sum_base, xb - o.log_sum_cand);
            top[v] = narrow ? f64_exp_inside(log_top) : f64_exp_flush(log_top);
        }
        for (unsigned v = 0; v < sweep_vectors; ++v) {
            // A masked entry's d is infinite or NaN. Below -700 e is -1, and only `ahead` still grows.
            const f64v all = narrow ? f64_neg_abs(d[v]) : f64_max(f64_neg_abs(d[v]), f64_splat(-1e300));
            const f64v u = narrow ? all : f64_max(all, f64_splat(-700.0));
            const f64_exp_rests less = f64_exp_less(u);
            e[v] = less.after_1;
            back[v] = u * less.after_1 - less.after_x;
            ahead[v] = narrow ? less.after_x : less.after_x + (u - all);
        }
        for (unsigned v = 0; v < sweep_vectors; ++v) {
            const unsigned g = v % sweep_groups;
            const f64m gained = f64_lt(f64_splat(0.0), d[v]);
            sums.kl_fwd[g] = sums.kl_fwd[g] + top[v] * f64_select(gained, back[v], ahead[v]);
            sums.kl_rev[g] = sums.kl_rev[g] + top[v] * f64_select(gained, ahead[v], back[v]);
            sums.js2[g] = sums.js2[g] + top[v] * (back[v] - sweep_js_rest(e[v]));
            sums.neg_tv2[g] = sums.neg_tv2[g] + top[v] * e[v];
        }
        if (!narrow) sweep_note_masks(sums, a + i, b + i);
    }
}

inline void sweep_pair(const sweep_row& base, const sweep_row& cand, std::size_t n, sweep_sums& sums) {
    for (unsigned g = 0; g < sweep_groups; ++g) {
        sums.kl_fwd[g] = sums.kl_rev[g] = sums.js2[g] = sums.neg_tv2[g] = f64_splat(0.0);
        sums.missing_in_base[g] = sums.missing_in_cand[g] = f64_splat(0.0);
    }
    const sweep_offsets o = {f64_splat(base.max), f64_splat(cand.max), f64_splat(base.log_sum),
                             f64_splat(cand.log_sum), f64_splat(cand.log_sum - base.log_sum)};
    const std::size_t n_whole = n / sweep_block * sweep_block;
    if (base.narrow && cand.narrow)
        sweep_add_pairs(sums, base.x, cand.x, n_whole, o, true);
    else
        sweep_add_pairs(sums, base.x, cand.x, n_whole, o, false);
    if (n_whole == n) return;
    float a[sweep_block], b[sweep_block];
    for (unsigned j = 0; j < sweep_block; ++j) {
        a[j] = n_whole + j < n ? base.x[n_whole + j] : -__builtin_inff();
        b[j] = n_whole + j < n ? cand.x[n_whole + j] : -__builtin_inff();
    }
    sweep_add_pairs(sums, a, b, sweep_block, o, false);
}

inline void sweep_target(const sweep_row& base, const sweep_row& cand, std::size_t n, std::int32_t target,
                         position_values* out) {
    const std::size_t y = static_cast<std::size_t>(target);
    out->target_masked = y >= n || static_cast<double>(base.x[y]) < sweep_lowest ||
                         static_cast<double>(cand.x[y]) < sweep_lowest;
    out->has_target = !out->target_masked;
    if (out->target_masked) return;
    const double xa = static_cast<double>(base.x[y]) - base.max;
    const double xb = static_cast<double>(cand.x[y]) - cand.max;
    const double lp = xa - base.log_sum, lq = xb - cand.log_sum;
    const double d = (xb - xa) - (cand.log_sum - base.log_sum);
    const double top = sweep_first_lane(f64_exp_flush(f64_splat(lp < lq ? lq : lp)));
    const double change = top * sweep_first_lane(f64_expm1(f64_neg_abs(f64_splat(d))));
    out->nll_base_nats = -lp;
    out->nll_cand_nats = -lq;
    out->dp = d > 0.0 ? 0.0 - change : change;
}

/// True when some entry is a largest one of both rows.
inline bool sweep_tops_meet(const sweep_row& base, const sweep_row& cand, std::size_t n) {
    if (base.argmax == cand.argmax) return true;
    if (base.second < base.max && cand.second < cand.max) return false;
    for (std::size_t i = 0; i < n; ++i)
        if (static_cast<double>(base.x[i]) == base.max && static_cast<double>(cand.x[i]) == cand.max)
            return true;
    return false;
}

inline void sweep_finish(const sweep_sums& sums, position_values* out) {
    const double js = 0.5 * sweep_reduce(sums.js2), tv = 0.5 * (0.0 - sweep_reduce(sums.neg_tv2));
    out->kl_fwd_infinite = sweep_reduce(sums.missing_in_cand) > 0.0;
    out->kl_rev_infinite = sweep_reduce(sums.missing_in_base) > 0.0;
    out->kl_fwd_nats = out->kl_fwd_infinite ? sweep_inf : sweep_reduce(sums.kl_fwd);
    out->kl_rev_nats = out->kl_rev_infinite ? sweep_inf : sweep_reduce(sums.kl_rev);
    out->js_nats = js < f64_ln2 ? js : f64_ln2;
    out->tv = tv < 1.0 ? tv : 1.0;
}

/// Compares rows base, cand [n], n >= 1; target < 0 means none. `out` holds a fresh position_values.
inline void position_sweep(const float* base_row, const float* cand_row, std::size_t n, std::int32_t target,
                           position_values* out) {
    sweep_row base = {base_row, 0, 0, 0, 0, false}, cand = {cand_row, 0, 0, 0, 0, false};
    sweep_scan_row(base, n);
    sweep_scan_row(cand, n);
    out->base_nonfinite = base.nonfinite;
    out->cand_nonfinite = cand.nonfinite;
    if (base.nonfinite || cand.nonfinite) return;
    out->top1_base = static_cast<std::int32_t>(base.argmax);
    out->top1_cand = static_cast<std::int32_t>(cand.argmax);
    out->top1_tie = sweep_tops_meet(base, cand, n);
    out->has_margin = n > 1;
    out->margin_nats = n > 1 ? base.max - base.second : 0.0;
    out->entropy_base_nats = base.entropy_nats;
    out->entropy_cand_nats = cand.entropy_nats;
    sweep_sums sums;
    sweep_pair(base, cand, n, sums);
    sweep_finish(sums, out);
    if (target >= 0) sweep_target(base, cand, n, target, out);
}
