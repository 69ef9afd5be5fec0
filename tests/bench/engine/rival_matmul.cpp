// Mode A8 beside the rival's arithmetic on the same rows: both quantize a row and multiply it with stored
// weights. Prints the largest difference, relative to the result and to the sum of the terms' magnitudes.
// Built by numerics.py against both libraries; reads the private headers of this project.
#include <qslip/detail/core/rng.hpp>

#include <ggml-cpu.h>
#include <ggml.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "kernels/block_codec.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/pack.hpp"

using namespace qslip;

static float uniform(const counter_rng& rng, std::uint64_t i) {
    return static_cast<float>(static_cast<std::int64_t>(rng.at(i) >> 40) - (1 << 23)) / (1 << 23);
}

int main() {
    ggml_cpu_init();  // fills its tables
    const isa tier = *resolve_isa("");
    const kernels::table& ops = *kernels::find_table(tier);
    std::printf("tier %s\n", isa_name(tier));
    for (const dtype type : {dtype::q8_0, dtype::q4_0, dtype::q4_1, dtype::q5_0, dtype::q5_1})
        for (const std::size_t k : {576u, 1536u}) {
            constexpr std::size_t m = 16, n = 64;
            const auto rival_type = static_cast<ggml_type>(type);
            const auto* rival = ggml_get_type_traits_cpu(rival_type);
            const auto* row_type = ggml_get_type_traits_cpu(rival->vec_dot_type);
            const counter_rng rng(k + static_cast<std::size_t>(type));
            const std::size_t row_bytes = k / 32 * info_of(type).block_bytes;
            std::vector<float> a(m * k), values(k), numbers(n * k), c(m * n);
            for (std::size_t i = 0; i < a.size(); ++i)
                a[i] = 4 * uniform(rng, i) * uniform(rng, i + a.size());
            std::vector<std::byte> stored(n * row_bytes);
            auto w = kernels::packing_of(type, n, k);
            std::vector<std::uint8_t> panels(*kernels::packed_bytes(w).get() + 64);
            w.panels = panels.data() + (64 - reinterpret_cast<std::uintptr_t>(panels.data()) % 64) % 64;
            for (std::size_t r = 0; r < n; ++r) {
                for (std::size_t i = 0; i < k; ++i) values[i] = uniform(rng, 1000000 + r * k + i);
                std::byte* row = stored.data() + r * row_bytes;
                if (quantize_rtn(type, values.data(), k, row)) return 1;
                dequantize(type, row, k, numbers.data() + r * k);
                kernels::pack_row(w, type, row, r, const_cast<std::uint8_t*>(w.panels));
            }
            std::vector<std::int8_t> codes(m * kernels::code_row_bytes(k));
            std::vector<float> scales(m * k / 32), scaled(m * k / 32),
                scratch(kernels::matmul_scratch_floats(m, k) + 16);
            std::vector<std::int32_t> sums(m * k / 16);
            const kernels::quantized_rows rows{codes.data(), scales.data(), sums.data(), scaled.data()};
            ops.quantize_rows({a.data(), k, m, k, numerics::a8, rows});
            const kernels::product product{&w, c.data(), n};
            float* aligned =
                scratch.data() + (64 - reinterpret_cast<std::uintptr_t>(scratch.data()) % 64) % 64 / 4;
            ops.matmul({{a.data(), k, m, k, numerics::a8, rows, aligned, 0, 1}, &product, 1, false});
            double worst = 0, worst_of_terms = 0, rms = 0, rms_difference = 0;
            std::vector<std::byte> row(ggml_row_size(rival->vec_dot_type, static_cast<std::int64_t>(k)));
            for (std::size_t r = 0; r < m; ++r) {
                row_type->from_float(a.data() + r * k, row.data(), static_cast<std::int64_t>(k));
                for (std::size_t i = 0; i < n; ++i) {
                    float theirs = 0;
                    rival->vec_dot(static_cast<int>(k), &theirs, 0, stored.data() + i * row_bytes, 0,
                                   row.data(), 0, 1);
                    double terms = 0;
                    for (std::size_t j = 0; j < k; ++j) terms += std::fabs(a[r * k + j] * numbers[i * k + j]);
                    const double difference = std::fabs(double{c[r * n + i]} - theirs);
                    worst = std::max(worst, difference / std::fabs(theirs));
                    worst_of_terms = std::max(worst_of_terms, difference / terms);
                    rms += double{theirs} * theirs;
                    rms_difference += difference * difference;
                }
            }
            std::printf(
                "%-5s K %4zu: |difference| / |result| largest %.2e, rms %.2e; / sum of |terms| largest "
                "%.2e\n",
                std::string(info_of(type).name).c_str(), k, worst, std::sqrt(rms_difference / rms),
                worst_of_terms);
            if (worst_of_terms > 1e-6 || std::sqrt(rms_difference / rms) > 1e-6) return 1;
        }
    return 0;
}
