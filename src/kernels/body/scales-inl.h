// The scales and minima of a block of codes.

/// Of f32_lanes columns from the one at p on.
QSLIP_INLINE f32r load_scale(const std::uint8_t* p, scale_kind kind) {
    return kind == scale_kind::f32 ? load(reinterpret_cast<const float*>(p))
                                   : load_f16(reinterpret_cast<const std::uint16_t*>(p));
}

/// Where they lie in a block.
struct scale_layout {
    scale_kind kind;
    std::size_t lane_step, row_step;  // bytes from register to register, from half to half
    std::size_t minima;               // bytes from scales to minima
    explicit scale_layout(const packing& p)
        : kind(p.scales),
          lane_step(f32_lanes * scale_bytes(p)),
          row_step(panel_columns * scale_bytes(p)),
          minima(block_scales(p) * row_step) {}
};
