// Products of rows with packed weights, and the gated pair of the feed-forward network.

/// What every panel of a product needs, laid out in the caller's scratch.
struct matmul_state {
    const matmul_rows& in;
    float* panel;          // an expanded panel
    float* sums;           // [m][32]
    float* packed;         // row blocks of floats; packed on first use
    std::int32_t* starts;  // [m][n_blocks][2]
    float* half_sums;      // [m][n_blocks][2]
    float* rest;           // of the scratch
    bool is_packed = false, has_half_sums = false;
    std::size_t parts = 0;    // of the starts; none yet
    std::int32_t offset = 0;  // of the starts

    explicit matmul_state(const matmul_rows& rows)
        : in(rows),
          panel(rows.scratch),
          sums(panel + n_blocks(rows.n_in) * block_inputs * panel_columns),
          packed(sums + rows.m * panel_columns),
          starts(reinterpret_cast<std::int32_t*>(packed + (rows.m + 16) * rows.n_in)),
          half_sums(packed + (rows.m + 16) * rows.n_in + rows.m * n_blocks(rows.n_in) * 2),
          rest(half_sums + rows.m * n_blocks(rows.n_in) * 2) {}
};

void multiply_floats(matmul_state& s, const packed_matrix& w, std::size_t panel, const panel_target& to) {
    if (s.in.m <= direct_rows) return multiply_few<direct_rows>(s.in.m, s.in.a, s.in.lda, w, panel, to);
    if (!s.is_packed) pack_rows(s.in.a, s.in.lda, s.in.m, s.in.n_in, s.packed);
    s.is_packed = true;
    multiply_panel(float_tiles{s.packed, expand_panel(w, panel, s.panel), s.in.n_in}, s.in.m, to);
}

/// What tiles of w need of the rows, made when another weight's is there.
template <std::size_t parts>
row_starts starts_for(matmul_state& s, const packed_matrix& w, std::int32_t offset) {
    if (s.parts != parts || offset != s.offset) set_starts<parts>(s.in, offset, s.starts);
    s.parts = parts;
    s.offset = offset;
    if (parts == 1 || !w.has_min) return {s.starts, s.in.codes.scaled_sums};
    if (!s.has_half_sums) set_half_sums(s.in, s.half_sums);
    s.has_half_sums = true;
    return {s.starts, s.half_sums};
}

template <code_form form, int digits, std::size_t parts>
void multiply_parts(matmul_state& s, const packed_matrix& w, std::size_t panel, const panel_target& to) {
    const row_starts starts = starts_for<parts>(s, w, w.offset - dot_bias<dot_bits<form>>);
    const std::uint8_t* codes = w.panels + panel * panel_bytes(w);
    const byte_table table = table_of(w);
    if constexpr (expands<form, digits>)
        if (s.in.m > code_rows)
            return multiply_panel(
                code_tiles<form, digits, parts, true>{s.in.codes, w, codes, starts,
                                                      reinterpret_cast<std::uint8_t*>(s.panel), table},
                s.in.m, to);
    multiply_panel(code_tiles<form, digits, parts, false>{s.in.codes, w, codes, starts, nullptr, table},
                   s.in.m, to);
}

template <code_form form, int digits>
void multiply_codes(matmul_state& s, const packed_matrix& w, std::size_t panel, const panel_target& to) {
    block_scales(w) == 1 ? multiply_parts<form, digits, 1>(s, w, panel, to)
                         : multiply_parts<form, digits, 2>(s, w, panel, to);
}

template <int digits>
void multiply_form(matmul_state& s, const packed_matrix& w, std::size_t panel, const panel_target& to) {
    switch (w.kind) {
        case weight_kind::u4: return multiply_codes<code_form::nibbles, digits>(s, w, panel, to);
        case weight_kind::codebook4: return multiply_codes<code_form::indices, digits>(s, w, panel, to);
        default: return multiply_codes<code_form::bytes, digits>(s, w, panel, to);
    }
}

/// c [m, 32 or what is left] of one panel.
void multiply_one(matmul_state& s, const packed_matrix& w, std::size_t panel, panel_target to) {
    const std::size_t left = w.n_out - panel * panel_columns;
    to.n_columns = left < panel_columns ? left : panel_columns;
    to.sums = s.sums;
    to.next_bytes = panel_bytes(w);
    to.next = panel + 1 < n_panels(w.n_out) ? w.panels + (panel + 1) * to.next_bytes : nullptr;
    if (s.in.mode == numerics::f32 || !has_scales(w.kind)) return multiply_floats(s, w, panel, to);
    s.in.mode == numerics::a8 ? multiply_form<1>(s, w, panel, to) : multiply_form<2>(s, w, panel, to);
}

/// This part's share of n panels.
struct panel_share {
    std::size_t first, end;
    panel_share(const matmul_rows& in, std::size_t n)
        : first(n * in.part / in.n_parts), end(n * (in.part + 1) / in.n_parts) {}
};

void matmul(const matmul_args& args) {
    matmul_state s(args.rows);
    std::size_t n = 0;
    for (std::size_t i = 0; i < args.n_products; ++i) n += n_panels(args.products[i].w->n_out);
    const panel_share share(args.rows, n);
    std::size_t at = 0;
    for (const product* p = args.products; p != args.products + args.n_products; ++p)
        for (std::size_t panel = 0; panel < n_panels(p->w->n_out); ++panel, ++at)
            if (at >= share.first && at < share.end)
                multiply_one(s, *p->w, panel, {p->c + panel * panel_columns, p->ldc, args.accumulate});
}

/// One row's 32 (or fewer) gated values, and their codes.
void put_gated(const gated_args& args, const float* gate, const float* up, std::size_t row, std::size_t panel,
               std::size_t n) {
    float values[panel_columns];
    swiglu(gate, up, n, values);
    if (args.out != nullptr)
        for (std::size_t i = 0; i < n; ++i) args.out[row * args.ldo + panel * panel_columns + i] = values[i];
    if (args.out_codes != nullptr)
        quantize_one(values, args.rows.mode, *args.out_codes, row, panel, args.gate->n_out);
}

void gated_matmul(const gated_args& args) {
    matmul_state s(args.rows);
    float* gate = s.rest;
    float* up = gate + args.rows.m * panel_columns;
    const std::size_t n_out = args.gate->n_out;
    const panel_share share(args.rows, n_panels(n_out));
    for (std::size_t panel = share.first; panel < share.end; ++panel) {
        multiply_one(s, *args.gate, panel, {gate, panel_columns, false});
        multiply_one(s, *args.up, panel, {up, panel_columns, false});
        const std::size_t left = n_out - panel * panel_columns,
                          n = left < panel_columns ? left : panel_columns;
        for (std::size_t row = 0; row < args.rows.m; ++row)
            put_gated(args, gate + row * panel_columns, up + row * panel_columns, row, panel, n);
    }
}
