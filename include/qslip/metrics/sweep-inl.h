// The canonical fp64 sweep over two rows of logits: three passes, eight lanes (entry i belongs to lane
// i mod 8), each lane summed in order, lanes reduced 0+1 2+3 4+5 6+7 and then pairwise.
// No include guard: included inside a namespace that has the operations of core/f64_scalar-inl.h, the
// functions of core/math-inl.h, std::size_t, std::int32_t and qslip::position_values. Kernels include it
// once per instruction set, so nothing here may call std or use a lambda.
//
// With d = ln q - ln p (formed from differences of logits, which keeps its precision when P and Q nearly
// agree) every divergence is a sum of p f(d), f >= 0, so none can go negative:
//   kl_fwd phi(d) = e^d - 1 - d      kl_rev d e^d - (e^d - 1)       tv |e^d - 1| / 2
//   js     (1 + e^d) (h tanh h - ln cosh h) / 2,  h = d/2
// |d| <= 1, nearly every entry, takes polynomials that have d^2 as a factor; the rest the closed forms.

constexpr unsigned sweep_lanes = 8;
constexpr unsigned sweep_groups = sweep_lanes / f64_lanes;
constexpr double sweep_inf = __builtin_inf();
constexpr double sweep_lowest = -3.4028234663852886e38;  // every finite float is >= this

/// Largest and second largest entry of a row; the lanes' sum of exp follows in a second pass.
struct sweep_row {
    const float* x;
    double max, second, log_sum;
    std::size_t argmax;
    bool nonfinite;
};

/// Lane values in the fixed tree.
inline double sweep_reduce(const f64v* lanes) {
    double s[sweep_lanes];
    for (unsigned g = 0; g < sweep_groups; ++g) f64_store(s + g * f64_lanes, lanes[g]);
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/// Eight entries from i on; a short tail is copied and filled with -inf, which adds nothing anywhere.
[[gnu::always_inline]] inline const float* sweep_block(const float* x, std::size_t i, std::size_t n,
                                                       float* buffer) {
    if (i + sweep_lanes <= n) return x + i;
    for (unsigned j = 0; j < sweep_lanes; ++j) buffer[j] = i + j < n ? x[i + j] : -__builtin_inff();
    return buffer;
}

inline void sweep_find_max(sweep_row& row, std::size_t n) {
    f64v max[sweep_groups], second[sweep_groups], bad[sweep_groups];
    for (unsigned g = 0; g < sweep_groups; ++g) {
        max[g] = second[g] = f64_splat(-sweep_inf);
        bad[g] = f64_splat(0.0);
    }
    float buffer[sweep_lanes];
    for (std::size_t i = 0; i < n; i += sweep_lanes) {
        const float* p = sweep_block(row.x, i, n, buffer);
        for (unsigned g = 0; g < sweep_groups; ++g) {
            const f64v v = f64_load(p + g * f64_lanes);
            bad[g] = f64_select(f64_lt(v, f64_splat(sweep_inf)), bad[g], f64_splat(1.0));
            second[g] = f64_max(second[g], f64_min(max[g], v));
            max[g] = f64_max(max[g], v);
        }
    }
    double tops[2 * sweep_lanes];
    for (unsigned g = 0; g < sweep_groups; ++g) {
        f64_store(tops + g * f64_lanes, max[g]);
        f64_store(tops + sweep_lanes + g * f64_lanes, second[g]);
    }
    row.max = row.second = -sweep_inf;
    for (unsigned j = 0; j < 2 * sweep_lanes; ++j) {
        const double lower = tops[j] < row.max ? tops[j] : row.max;
        row.second = lower > row.second ? lower : row.second;
        row.max = tops[j] > row.max ? tops[j] : row.max;
    }
    row.nonfinite = sweep_reduce(bad) > 0.0 || !(row.max >= sweep_lowest);
}

/// Lowest id that holds `value`; n when none does.
inline std::size_t sweep_first_equal(const float* x, std::size_t n, double value) {
    float buffer[sweep_lanes];
    for (std::size_t i = 0; i < n; i += sweep_lanes) {
        const float* p = sweep_block(x, i, n, buffer);
        for (unsigned g = 0; g < sweep_groups; ++g) {
            if (!f64_any(f64_eq(f64_load(p + g * f64_lanes), f64_splat(value)))) continue;
            for (std::size_t j = i + g * f64_lanes; j < n; ++j)
                if (static_cast<double>(x[j]) == value) return j;
        }
    }
    return n;
}

/// ln sum exp(x - max) = log1p of the sum without its largest entry, precise when that one is nearly all.
inline double sweep_log_sum(const sweep_row& row, std::size_t n) {
    f64v sum[sweep_groups];
    for (unsigned g = 0; g < sweep_groups; ++g) sum[g] = f64_splat(0.0);
    const std::size_t top_block = row.argmax / sweep_lanes * sweep_lanes;
    const f64v max = f64_splat(row.max);
    float buffer[sweep_lanes];
    for (std::size_t i = 0; i < n; i += sweep_lanes) {
        const float* p = sweep_block(row.x, i, n, buffer);
        if (i == top_block) {
            for (unsigned j = 0; j < sweep_lanes; ++j) buffer[j] = p[j];
            buffer[row.argmax - i] = -__builtin_inff();
            p = buffer;
        }
        for (unsigned g = 0; g < sweep_groups; ++g)
            sum[g] = sum[g] + f64_exp_flush(f64_load(p + g * f64_lanes) - max);
    }
    f64v total[1] = {f64_splat(sweep_reduce(sum))};
    total[0] = f64_log1p(total[0]);
    double lanes[f64_lanes];
    f64_store(lanes, total[0]);
    return lanes[0];
}

/// Finds everything about one row that needs no other row.
inline void sweep_scan_row(sweep_row& row, std::size_t n) {
    sweep_find_max(row, n);
    if (row.nonfinite) return;
    row.argmax = sweep_first_equal(row.x, n, row.max);
    row.log_sum = sweep_log_sum(row, n);
}

/// One entry's share of every sum, per lane.
struct sweep_terms {
    f64v kl_fwd, kl_rev, js2, tv2, neg_h_base, neg_h_cand;
};
struct sweep_sums {
    sweep_terms lane[sweep_groups];
    f64v missing_in_base[sweep_groups], missing_in_cand[sweep_groups];
};
/// The offsets that turn logits into log-probabilities.
struct sweep_offsets {
    f64v max_base, max_cand, log_sum_base, log_sum_cand, log_sum_diff;
};

/// phi(d) = e^d - 1 - d for |d| <= 1.
[[gnu::always_inline]] inline f64v sweep_phi_near(f64v d) {
    return d * d *
           f64_polynomial(d, 0.5, 0.16666666666666421, 0.04166666666666651, 0.0083333333334021,
                          0.001388888888893181, 0.00019841269786275093, 2.4801587267259408e-05,
                          2.755733806780384e-06, 2.755733098715279e-07, 2.504897129972493e-08,
                          2.087479843099664e-09, 1.6309412649784643e-10, 1.1627098130423447e-11);
}
/// h tanh h - ln cosh h for h = d/2, |d| <= 1, from d^2.
[[gnu::always_inline]] inline f64v sweep_js_near(f64v d2) {
    return d2 * f64_polynomial(d2, 0.12499999999999997, -0.015624999999994844, 0.0017361111109405441,
                               -0.00018446180336165557, 1.922121578795522e-05, -1.9834985935600218e-06,
                               2.0346009772387815e-07, -2.064425465810549e-08, 1.963732806430639e-09,
                               -1.3262695428932472e-10);
}
[[gnu::always_inline]] inline f64v sweep_abs(f64v v) { return f64_max(v, f64_splat(0.0) - v); }

[[gnu::always_inline]] inline sweep_terms sweep_terms_near(f64v d, f64v p, f64v lp, f64v lq) {
    const f64v phi = sweep_phi_near(d);
    const f64v e = d + phi;  // e^d - 1
    return {p * phi, p * (d * e - phi), p * ((f64_splat(2.0) + e) * sweep_js_near(d * d)), p * sweep_abs(e),
            p * lp,  (p + p * e) * lq};
}

/// Any finite d. Beyond 30, p may have underflowed while q has not: q stands for p e^d there.
inline sweep_terms sweep_terms_far(f64v d, f64v p, f64v q, f64v lp, f64v lq) {
    const f64v one = f64_splat(1.0), ln2 = f64_splat(f64_ln2);
    const f64m huge = f64_lt(f64_splat(30.0), d);
    const f64v e = f64_expm1(f64_min(f64_splat(30.0), d));
    const f64v w = one + e;
    const f64v js = w * d - (one + w) * f64_log1p(f64_splat(0.5) * e);
    return {f64_select(huge, q - p * (one + d), p * (e - d)),
            f64_select(huge, p + q * (d - one), p * (d * w - e)),
            f64_select(huge, q * ln2 + p * (ln2 - one - d), p * js),
            f64_select(huge, q - p, p * sweep_abs(e)),
            p * lp,
            q * lq};
}

[[gnu::always_inline]] inline sweep_terms sweep_select(f64m m, const sweep_terms& a, const sweep_terms& b) {
    return {f64_select(m, a.kl_fwd, b.kl_fwd),
            f64_select(m, a.kl_rev, b.kl_rev),
            f64_select(m, a.js2, b.js2),
            f64_select(m, a.tv2, b.tv2),
            f64_select(m, a.neg_h_base, b.neg_h_base),
            f64_select(m, a.neg_h_cand, b.neg_h_cand)};
}

[[gnu::always_inline]] inline void sweep_add(sweep_terms& s, const sweep_terms& t) {
    s.kl_fwd = s.kl_fwd + t.kl_fwd;
    s.kl_rev = s.kl_rev + t.kl_rev;
    s.js2 = s.js2 + t.js2;
    s.tv2 = s.tv2 + t.tv2;
    s.neg_h_base = s.neg_h_base + t.neg_h_base;
    s.neg_h_cand = s.neg_h_cand + t.neg_h_cand;
}

/// Entries of which some are masked in a row (a -inf logit) or have |d| > 1.
[[gnu::noinline]] inline void sweep_group_far(sweep_sums& sums, unsigned g, f64v a, f64v b,
                                              const sweep_offsets& o) {
    const f64v zero = f64_splat(0.0), one = f64_splat(1.0), ln2 = f64_splat(f64_ln2);
    const f64m no_a = f64_lt(a, f64_splat(sweep_lowest)), no_b = f64_lt(b, f64_splat(sweep_lowest));
    const f64v xa = f64_select(no_a, zero, a - o.max_base), xb = f64_select(no_b, zero, b - o.max_cand);
    const f64v d = (xb - xa) - o.log_sum_diff;
    const f64v lp = xa - o.log_sum_base, lq = xb - o.log_sum_cand;
    const f64v p = f64_select(no_a, zero, f64_exp_flush(lp)), q = f64_select(no_b, zero, f64_exp_flush(lq));

    const sweep_terms both = sweep_select(f64_le(sweep_abs(d), one), sweep_terms_near(d, p, lp, lq),
                                          sweep_terms_far(d, p, q, lp, lq));
    const sweep_terms only_cand = {q, zero, q * ln2, q, zero, q * lq};
    const sweep_terms only_base = {zero, p, p * ln2, p, p * lp, zero};
    sweep_add(sums.lane[g], sweep_select(no_a, only_cand, sweep_select(no_b, only_base, both)));
    const f64v in_a = f64_select(no_a, zero, one), in_b = f64_select(no_b, zero, one);
    sums.missing_in_base[g] = sums.missing_in_base[g] + f64_select(no_a, in_b, zero);
    sums.missing_in_cand[g] = sums.missing_in_cand[g] + f64_select(no_b, in_a, zero);
}

inline void sweep_pair(const sweep_row& base, const sweep_row& cand, std::size_t n, sweep_sums& sums) {
    const f64v zero = f64_splat(0.0);
    for (unsigned g = 0; g < sweep_groups; ++g) {
        sums.lane[g] = {zero, zero, zero, zero, zero, zero};
        sums.missing_in_base[g] = sums.missing_in_cand[g] = zero;
    }
    const sweep_offsets o = {f64_splat(base.max), f64_splat(cand.max), f64_splat(base.log_sum),
                             f64_splat(cand.log_sum), f64_splat(cand.log_sum - base.log_sum)};
    float buffer_a[sweep_lanes], buffer_b[sweep_lanes];
    for (std::size_t i = 0; i < n; i += sweep_lanes) {
        const float* pa = sweep_block(base.x, i, n, buffer_a);
        const float* pb = sweep_block(cand.x, i, n, buffer_b);
        for (unsigned g = 0; g < sweep_groups; ++g) {
            const f64v a = f64_load(pa + g * f64_lanes), b = f64_load(pb + g * f64_lanes);
            const f64v xa = a - o.max_base, xb = b - o.max_cand;
            const f64v d = (xb - xa) - o.log_sum_diff;
            // A masked entry makes d infinite or NaN and fails the test too.
            if (__builtin_expect(!f64_all(f64_le(sweep_abs(d), f64_splat(1.0))), 0)) {
                sweep_group_far(sums, g, a, b, o);
                continue;
            }
            const f64v lp = xa - o.log_sum_base;
            sweep_add(sums.lane[g], sweep_terms_near(d, f64_exp_flush(lp), lp, xb - o.log_sum_cand));
        }
    }
}

/// One number through a lane function, whatever the lane count.
inline double sweep_first_lane(f64v v) {
    double lanes[f64_lanes];
    f64_store(lanes, v);
    return lanes[0];
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
    const double p = sweep_first_lane(f64_exp_flush(f64_splat(lp)));
    const double q = sweep_first_lane(f64_exp_flush(f64_splat(lq)));
    out->nll_base_nats = -lp;
    out->nll_cand_nats = -lq;
    out->dp = d > 30.0 ? q - p : p * sweep_first_lane(f64_expm1(f64_splat(d < 30.0 ? d : 30.0)));
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
    f64v column[sweep_groups];
#define QSLIP_SWEEP_SUM(field)                                                  \
    for (unsigned g = 0; g < sweep_groups; ++g) column[g] = sums.lane[g].field; \
    const double field = sweep_reduce(column);
    QSLIP_SWEEP_SUM(kl_fwd)
    QSLIP_SWEEP_SUM(kl_rev)
    QSLIP_SWEEP_SUM(js2)
    QSLIP_SWEEP_SUM(tv2)
    QSLIP_SWEEP_SUM(neg_h_base)
    QSLIP_SWEEP_SUM(neg_h_cand)
#undef QSLIP_SWEEP_SUM
    out->kl_fwd_infinite = sweep_reduce(sums.missing_in_cand) > 0.0;
    out->kl_rev_infinite = sweep_reduce(sums.missing_in_base) > 0.0;
    out->kl_fwd_nats = out->kl_fwd_infinite ? sweep_inf : kl_fwd;
    out->kl_rev_nats = out->kl_rev_infinite ? sweep_inf : kl_rev;
    out->js_nats = 0.5 * js2 < f64_ln2 ? 0.5 * js2 : f64_ln2;
    out->tv = 0.5 * tv2 < 1.0 ? 0.5 * tv2 : 1.0;
    out->entropy_base_nats = 0.0 - neg_h_base;
    out->entropy_cand_nats = 0.0 - neg_h_cand;
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
    sweep_sums sums;
    sweep_pair(base, cand, n, sums);
    sweep_finish(sums, out);
    if (target >= 0) sweep_target(base, cand, n, target, out);
}
