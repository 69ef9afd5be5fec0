// Codes to whole steps: float(code - offset), exact.

constexpr std::uint8_t no_table[16] = {};
QSLIP_INLINE byte_table table_of(const packing& p) { return load_table(p.codebook ? p.codebook : no_table); }

template <code_form form>
struct code_steps {
    i32r offset;
    byte_table table;
    code_steps(const packed_matrix& w, byte_table t) : offset(set1_i32(w.offset)), table(t) {}
    /// Of the code at a shift; nibbles above it are left out.
    template <int shift>
    QSLIP_INLINE f32r at(i32r codes) const {
        i32r code = and_i32(shift_right<shift>(codes), set1_i32(form == code_form::bytes ? 255 : 15));
        if constexpr (form == code_form::indices) code = and_i32(look_up(table, code), set1_i32(255));
        return to_f32(sub_i32(code, offset));
    }
};
