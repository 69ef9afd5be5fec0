// What the units can do at best: independent chains in registers, nothing loaded. For `qslip bench`.
// Each returns something made of its sums, so that they are not left out.

constexpr std::size_t peak_chains = 12;

float peak_floats(std::size_t n_rounds) {
    f32r sums[peak_chains], x = set1(1.0f);
    QSLIP_UNROLL
    for (std::size_t i = 0; i < peak_chains; ++i) sums[i] = set1(0.0f);
    pin(x);
    for (; n_rounds != 0; --n_rounds) {
        QSLIP_UNROLL
        for (std::size_t i = 0; i < peak_chains; ++i) {
            sums[i] = fma(x, x, sums[i]);
            pin(sums[i]);
        }
    }
    QSLIP_UNROLL
    for (std::size_t i = 1; i < peak_chains; ++i) sums[0] = add(sums[0], sums[i]);
    float lanes[f32_lanes];
    store(lanes, sums[0]);
    return lanes[0];
}

std::int32_t peak_codes(std::size_t n_rounds) {
    i32r sums[peak_chains], x = set1_i32(0x01010101);
    QSLIP_UNROLL
    for (std::size_t i = 0; i < peak_chains; ++i) sums[i] = set1_i32(0);
    pin_i32(x);
    for (; n_rounds != 0; --n_rounds) {
        QSLIP_UNROLL
        for (std::size_t i = 0; i < peak_chains; ++i) {
            add_product(sums[i], x, x);
            pin_i32(sums[i]);
            pin_i32(x);  // else a tier that multiplies apart would do it once
        }
    }
    QSLIP_UNROLL
    for (std::size_t i = 1; i < peak_chains; ++i) sums[0] = add_i32(sums[0], sums[i]);
    return reduce_add_i32(sums[0]);
}

constexpr std::size_t peak_lanes = peak_chains * f32_lanes;
constexpr product_rates peak_rates = {
    peak_lanes, {{code_macs<4, 1>, code_macs<4, 2>}, {code_macs<8, 1>, code_macs<8, 2>}}};
