// Codes of a row's block: [32] bytes (A8), or [32] high then [32] low digits (A16).
#include "kernels/body/take_group-inl.h"

template <int digits>
constexpr std::size_t code_bytes_of = digits* block_inputs;
/// Weights are multiplied as they lie in the panel.
template <code_form form, int digits>
constexpr bool expands = false;
template <code_form form>
void expand_words(const std::uint8_t*, std::size_t, std::size_t, byte_table, std::uint8_t*) {}

template <int digits>
QSLIP_INLINE void put_codes(std::int8_t* to, const i32r (&q)[block_regs]) {
    for (std::size_t v = 0; v < block_regs; ++v) {
        if constexpr (digits == 1) {
            store_i8(to + v * f32_lanes, q[v]);
        } else {
            const i32r high = shift_right_signed<8>(add_i32(q[v], set1_i32(128)));
            store_i8(to + v * f32_lanes, high);
            store_i8(to + block_inputs + v * f32_lanes, sub_i32(q[v], shift_left<8>(high)));
        }
    }
}
