// Activations to integers: kernels/quantized_rows.hpp has the rule.

template <int digits>
constexpr float code_limit = digits == 2 ? 32512.0f : 127.0f;

/// Rounds to the nearest integer, ties to even; |x| < 2^22.
QSLIP_INLINE i32r round_to_i32(f32r x) {
    const f32r magic = set1(12582912.0f);  // 1.5 * 2^23
    return sub_i32(as_i32(add(x, magic)), as_i32(magic));
}

/// The bits of the block's largest magnitude; beyond those of infinity when there is a NaN.
QSLIP_INLINE std::int32_t largest_magnitude_bits(const f32r (&x)[block_regs]) {
    i32r top = set1_i32(0);
    for (std::size_t v = 0; v < block_regs; ++v)
        top = max_i32(top, and_i32(as_i32(x[v]), set1_i32(0x7FFFFFFF)));
    return reduce_max_i32(top);
}

/// In a block that is not finite the codes mean nothing: its scale is NaN.
template <int digits>
QSLIP_INLINE void quantize_block(const float* x, const quantized_rows& out, std::size_t block,
                                 std::int8_t* codes) {
    f32r values[block_regs];
    for (std::size_t v = 0; v < block_regs; ++v) values[v] = load(x + v * f32_lanes);
    const std::int32_t top_bits = largest_magnitude_bits(values);
    const float top = __builtin_bit_cast(float, top_bits);
    float inverse = code_limit<digits> / top, scale = top / code_limit<digits>;
    if (!(inverse <= 3.40282347e38f)) inverse = 0;  // zero, or too small to invert: zero codes
    if (top_bits >= 0x7F800000) scale = __builtin_nanf("");
    i32r q[block_regs], sums[2] = {set1_i32(0), set1_i32(0)};
    for (std::size_t v = 0; v < block_regs; ++v) {
        q[v] = round_to_i32(mul(values[v], set1(inverse)));
        i32r& sum = sums[2 * v / block_regs];
        sum = add_i32(sum, q[v]);
    }
    put_codes<digits>(codes, q);
    for (std::size_t half = 0; half < 2; ++half) out.sums[2 * block + half] = reduce_add_i32(sums[half]);
    const float scaled_sum = scale * static_cast<float>(reduce_add_i32(add_i32(sums[0], sums[1])));
    out.scales[block] = digits == 2 ? scale : round_to_half(scale);
    out.scaled_sums[block] = digits == 2 ? scaled_sum : round_to_half(scaled_sum);
}

/// One block of 32 values: block `b` of row `row`, rows of n values.
QSLIP_INLINE void quantize_one(const float* x, numerics mode, const quantized_rows& out, std::size_t row,
                               std::size_t b, std::size_t n) {
    std::int8_t* codes = out.codes + row * code_row_bytes(n);
    const std::size_t block = row * n_blocks(n) + b;
    if (mode == numerics::a16)
        quantize_block<2>(x, out, block, codes + b * code_bytes_of<2>);
    else
        quantize_block<1>(x, out, block, codes + b * code_bytes_of<1>);
}

template <int digits>
void quantize_rows_as(const quantize_args& args) {
    const std::size_t blocks = n_blocks(args.n);
    for (std::size_t row = 0; row < args.m; ++row) {
        std::int8_t* codes = args.out.codes + row * code_row_bytes(args.n);
        for (std::size_t b = 0; b < blocks; ++b)
            quantize_block<digits>(args.x + row * args.ldx + b * block_inputs, args.out, row * blocks + b,
                                   codes + b * code_bytes_of<digits>);
    }
}

void quantize_rows(const quantize_args& args) {
    args.mode == numerics::a16 ? quantize_rows_as<2>(args) : quantize_rows_as<1>(args);
}
