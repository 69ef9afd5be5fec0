#pragma once
// A random weight matrix in a stored type: bytes, numbers and packed panels.
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <vector>

#include "kernels/block_codec.hpp"
#include "kernels/pack.hpp"
#include "support/guarded.hpp"

namespace qslip::test {

inline float uniform(const counter_rng& rng, std::uint64_t i) {
    return static_cast<float>(static_cast<std::int64_t>(rng.at(i) >> 40) - (1 << 23)) / (1 << 23);
}

/// A random block of finite weights, whatever its scale; draws from `draw` on.
inline void draw_block(const dtype_info& info, const counter_rng& rng, std::uint64_t& draw,
                       std::byte* block) {
    do {
        for (std::size_t i = 0; i < info.block_bytes; ++i) block[i] = static_cast<std::byte>(rng.at(draw++));
    } while (first_nonfinite_block(info.type, block, info.block_weights));
}

/// A random stored matrix: its bytes, its numbers, its panels (ending at a guard page).
struct stored_matrix {
    kernels::packed_matrix w;
    dtype type;
    std::vector<float> numbers;    // [n_out, n_in]
    std::vector<std::byte> bytes;  // rows one after another
    guarded<std::uint8_t> panels;

    stored_matrix(dtype t, std::size_t n_out, std::size_t n_in, std::uint64_t seed)
        : w(kernels::packing_of(t, n_out, n_in)),
          type(t),
          numbers(n_out * n_in),
          panels(static_cast<std::size_t>(*kernels::packed_bytes(w).get())) {
        const counter_rng rng(seed);
        const dtype_info info = info_of(type);
        const std::size_t row_bytes = n_in / info.block_weights * info.block_bytes;
        bytes.resize(n_out * row_bytes);
        std::vector<float> values(n_in);
        std::uint64_t draw = 0;
        w.panels = panels.data();
        for (std::size_t r = 0; r < n_out; ++r) {
            std::byte* row = bytes.data() + r * row_bytes;
            for (std::size_t k = 0; k < n_in; ++k) values[k] = uniform(rng, r * n_in + k);
            if (can_quantize(type))
                REQUIRE_FALSE(quantize_rtn(type, values.data(), n_in, row).has_value());
            else
                for (std::size_t at = 0; at < row_bytes; at += info.block_bytes)
                    draw_block(info, rng, draw, row + at);
            dequantize(type, row, n_in, numbers.data() + r * n_in);
            kernels::pack_row(w, type, row, r, panels.data());
        }
    }
};

}  // namespace qslip::test
