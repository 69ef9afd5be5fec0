// Products of rows with packed weights, and the gated pair of the feed-forward network.

/// What every panel of a product needs, laid out in the caller's scratch.
struct matmul_state {
    const matmul_rows& in;
    float* panel;          // an expanded panel
    float* sums;           // [m][32]
    float* packed;         // row blocks of floats; packed on first use
    std::int32_t* starts;  // [m][n_blocks]
    bool is_packed = false, has_starts = false;
    std::int32_t offset = 0;  // of the starts

    explicit matmul_state(const matmul_rows& rows)
        : in(rows),
          panel(rows.scratch),
          sums(panel + n_blocks(rows.n_in) * block_inputs * panel_columns),
          packed(sums + rows.m * panel_columns),
          starts(reinterpret_cast<std::int32_t*>(packed + (rows.m + 16) * rows.n_in)) {}
};

void multiply_floats(matmul_state& s, const packed_matrix& w, std::size_t panel, const panel_target& to) {
    if (s.in.m <= direct_rows) return multiply_few<direct_rows>(s.in.m, s.in.a, s.in.lda, w, panel, to);
    if (!s.is_packed) pack_rows(s.in.a, s.in.lda, s.in.m, s.in.n_in, s.packed);
    s.is_packed = true;
    multiply_panel(float_tiles{s.packed, expand_panel(w, panel, s.panel), s.in.n_in}, s.in.m, to);
}

template <int bits, int digits>
void multiply_codes(matmul_state& s, const packed_matrix& w, std::size_t panel, const panel_target& to) {
    const std::int32_t offset = w.offset - dot_bias<bits>;
    if (!s.has_starts || offset != s.offset) set_starts(s.in, offset, s.starts);
    s.has_starts = true;
    s.offset = offset;
    const std::uint8_t* codes = w.panels + panel * panel_bytes(w);
    if constexpr (expands<bits, digits>)
        if (s.in.m > code_rows)
            return multiply_panel(code_tiles<bits, digits, true>{s.in.codes, w, codes, s.starts,
                                                                 reinterpret_cast<std::uint8_t*>(s.panel)},
                                  s.in.m, to);
    multiply_panel(code_tiles<bits, digits, false>{s.in.codes, w, codes, s.starts, nullptr}, s.in.m, to);
}

/// c [m, 32 or what is left] of one panel.
void multiply_one(matmul_state& s, const packed_matrix& w, std::size_t panel, panel_target to) {
    const std::size_t left = w.n_out - panel * panel_columns;
    to.n_columns = left < panel_columns ? left : panel_columns;
    to.sums = s.sums;
    to.next_bytes = panel_bytes(w);
    to.next = panel + 1 < n_panels(w.n_out) ? w.panels + (panel + 1) * to.next_bytes : nullptr;
    if (s.in.mode == numerics::f32 || !has_scales(w.kind)) return multiply_floats(s, w, panel, to);
    if (w.kind == weight_kind::u4)
        s.in.mode == numerics::a8 ? multiply_codes<4, 1>(s, w, panel, to)
                                  : multiply_codes<4, 2>(s, w, panel, to);
    else
        s.in.mode == numerics::a8 ? multiply_codes<8, 1>(s, w, panel, to)
                                  : multiply_codes<8, 2>(s, w, panel, to);
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
    float* gate = reinterpret_cast<float*>(s.starts + args.rows.m * n_blocks(args.rows.n_in));
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
