// The shared exponential, norm, rotary embedding and gate: one row at a time.

constexpr std::size_t sum_lanes = 16;  // element i of a sum belongs to lane i mod 16, on every tier

/// exp(x) within 2 ulp for x in [-87.3, 88]; beyond, the value at the nearer end. NaN stays NaN.
/// Source: range reduction by multiples of ln 2, polynomial of Moshier's Cephes expf.
QSLIP_INLINE f32r exp_f32(f32r x) {
    x = min(set1(88.0f), max(set1(-87.3f), x));
    const f32r magic = set1(12582912.0f);  // 1.5 * 2^23: the low bits of t hold round(x / ln 2)
    const f32r t = fma(x, set1(1.44269504f), magic);
    const f32r n = sub(t, magic);
    f32r r = fma(n, set1(-0.693147182f), x);
    r = fma(n, set1(1.90465430e-9f), r);
    f32r p = set1(1.9875691500e-4f);
    p = fma(p, r, set1(1.3981999507e-3f));
    p = fma(p, r, set1(8.3334519073e-3f));
    p = fma(p, r, set1(4.1665795894e-2f));
    p = fma(p, r, set1(1.6666665459e-1f));
    p = fma(p, r, set1(5.0000001201e-1f));
    p = add(fma(p, mul(r, r), r), set1(1.0f));
    return mul(p, as_f32(shift_left<23>(add_i32(as_i32(t), set1_i32(127)))));
}

/// The 16 partial sums by halves: (0+8, 1+9, ...), (0+4, ...), (0+2, 1+3), 0+1.
QSLIP_INLINE float fold_lanes(float* lane) {
    for (std::size_t half = sum_lanes / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i) lane[i] += lane[i + half];
    return lane[0];
}

QSLIP_INLINE float sum_of_squares(const float* x, std::size_t n) {
    constexpr std::size_t n_regs = sum_lanes / f32_lanes;
    f32r acc[n_regs];
    for (std::size_t v = 0; v < n_regs; ++v) acc[v] = set1(0.0f);
    std::size_t i = 0;
    for (; i + sum_lanes <= n; i += sum_lanes) QSLIP_UNROLL
    for (std::size_t v = 0; v < n_regs; ++v) {
        const f32r y = load(x + i + v * f32_lanes);
        acc[v] = fma(y, y, acc[v]);
    }
    float lane[sum_lanes];
    for (std::size_t v = 0; v < n_regs; ++v) store(lane + v * f32_lanes, acc[v]);
    for (; i < n; ++i) lane[i % sum_lanes] = __builtin_fmaf(x[i], x[i], lane[i % sum_lanes]);
    return fold_lanes(lane);
}

/// out = x / sqrt(mean(x^2) + eps) * weight, row by row.
void rmsnorm(const norm_args& args) {
    for (std::size_t row = 0; row < args.n_rows; ++row) {
        const float* x = args.x + row * args.ldx;
        float* out = args.out + row * args.ldo;
        const float mean = sum_of_squares(x, args.n) / static_cast<float>(args.n);
        const float scale = 1.0f / __builtin_sqrtf(mean + args.eps);
        std::size_t i = 0;
        for (; i + f32_lanes <= args.n; i += f32_lanes)
            store(out + i, mul(mul(load(x + i), set1(scale)), load(args.weight + i)));
        for (; i < args.n; ++i) out[i] = x[i] * scale * args.weight[i];
    }
}

/// Rotates the pairs (i, i + half) of each head of one row; half is a multiple of 16.
void rope(float* heads, std::size_t n_heads, std::size_t half, const float* cosine, const float* sine) {
    for (std::size_t head = 0; head < n_heads; ++head, heads += 2 * half)
        for (std::size_t i = 0; i < half; i += f32_lanes) {
            const f32r x = load(heads + i), y = load(heads + half + i);
            const f32r c = load(cosine + i), s = load(sine + i);
            store(heads + i, sub(mul(x, c), mul(y, s)));
            store(heads + half + i, add(mul(x, s), mul(y, c)));
        }
}

QSLIP_INLINE f32r swiglu_of(f32r gate, f32r up) {
    const f32r e = exp_f32(sub(set1(0.0f), gate));
    return mul(div(gate, add(set1(1.0f), e)), up);
}

/// out = gate * sigmoid(gate) * up.
void swiglu(const float* gate, const float* up, std::size_t n, float* out) {
    std::size_t i = 0;
    for (; i + f32_lanes <= n; i += f32_lanes) store(out + i, swiglu_of(load(gate + i), load(up + i)));
    if (i == n) return;
    float tail[3][f32_lanes] = {};
    for (std::size_t k = i; k < n; ++k) {
        tail[0][k - i] = gate[k];
        tail[1][k - i] = up[k];
    }
    store(tail[2], swiglu_of(load(tail[0]), load(tail[1])));
    for (std::size_t k = i; k < n; ++k) out[k] = tail[2][k - i];
}
