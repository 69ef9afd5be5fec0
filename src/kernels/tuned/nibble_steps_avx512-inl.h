// Nibbles index a table of 16 floats; the permutation ignores the bits above them.
#include "kernels/body/code_steps-inl.h"

template <code_form form>
requires(form == code_form::nibbles || form == code_form::indices) struct code_steps<form> {
    f32r table;
    code_steps(const packed_matrix& w, byte_table t)
        : table(to_f32(sub_i32(form == code_form::nibbles
                                   ? _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
                                   : _mm512_cvtepu8_epi32(_mm512_castsi512_si128(t)),
                               set1_i32(w.offset)))) {}
    template <int shift>
    QSLIP_INLINE f32r at(i32r codes) const {
        return _mm512_permutexvar_ps(shift_right<shift>(codes), table);
    }
};
