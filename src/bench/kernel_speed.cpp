#include "kernel_speed.hpp"

#include <qslip/detail/core/numerics.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "core/buffer.hpp"
#include "core/thread_team.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/pack.hpp"

namespace qslip {
namespace {

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void add_chain(std::size_t n) {
    std::size_t x = n;
    for (; n != 0; --n) {
#if defined(__x86_64__)
        __asm__ volatile("add $1, %0\n\tadd $1, %0\n\tadd $1, %0\n\tadd $1, %0" : "+r"(x));
#elif defined(__aarch64__)
        __asm__ volatile("add %0, %0, #1\n\tadd %0, %0, #1\n\tadd %0, %0, #1\n\tadd %0, %0, #1" : "+r"(x));
#endif
    }
}

template <class Work>
double median_seconds(const Work& work) {
    constexpr int n_samples = 21;
    double samples[n_samples];
    work();
    for (double& s : samples) {
        const double start = now_s();
        work();
        s = now_s() - start;
    }
    std::nth_element(samples, samples + n_samples / 2, samples + n_samples);
    return samples[n_samples / 2];
}

/// 64-byte aligned floats and bytes for a kernel to work on.
template <class T>
class aligned {
public:
    explicit aligned(std::size_t n, T value = T()) : data_(n + 64 / sizeof(T), value) {}
    T* data() {
        const auto at = reinterpret_cast<std::uintptr_t>(data_.data());
        return data_.data() + (64 - at % 64) % 64 / sizeof(T);
    }

private:
    std::vector<T> data_;
};

/// Rates per cycle, the clock taken anew beside each measurement: the neighbours of a virtual machine move
/// it.
struct bench {
    const kernels::table& ops;
    std::vector<kernel_speed> out;

    template <class Work>
    double per_cycle(double amount, const Work& work) const {
        const double seconds = median_seconds(work), hz = measure_clock_ghz() * 1e9;
        return amount / (seconds * hz);
    }
    void add_matmul(dtype type, numerics mode, double float_peak, double code_lanes);
    void add_attention(double float_peak);
    void add_sweep();
};

/// float_peak: multiply-adds per cycle; code_lanes: lanes of product instructions per cycle.
void bench::add_matmul(dtype type, numerics mode, double float_peak, double code_lanes) {
    constexpr std::size_t m = 264, n = 576, k = 576;
    kernels::packed_matrix w = kernels::packing_of(type, n, k);
    aligned<std::uint8_t> panels(static_cast<std::size_t>(*kernels::packed_bytes(w).get()), 1);
    w.panels = panels.data();
    aligned<float> a(m * k, 0.5f), c(m * n), scratch(kernels::matmul_scratch_floats(m, k));
    aligned<std::int8_t> codes(m * kernels::code_row_bytes(k));
    aligned<float> scales(m * k / 32), scaled_sums(m * k / 32);
    aligned<std::int32_t> sums(m * k / 16);
    const kernels::quantized_rows rows{codes.data(), scales.data(), sums.data(), scaled_sums.data()};
    if (mode != numerics::f32) ops.quantize_rows({a.data(), k, m, k, mode, rows});
    const kernels::product product{&w, c.data(), n};
    const double rate = per_cycle(static_cast<double>(m * n * k), [&] {
        ops.matmul({{a.data(), k, m, k, mode, rows, scratch.data(), 0, 1}, &product, 1, false});
    });
    const bool wide = w.kind != kernels::weight_kind::u4, two = mode == numerics::a16;
    const double peak =
        mode == numerics::f32 ? float_peak : code_lanes * double{ops.rates.code_macs[wide][two]};
    out.push_back({std::string("matmul ") + std::string(info_of(type).name) + " " + numerics_name(mode) +
                       " 264x576x576",
                   rate, peak});
}

void bench::add_attention(double float_peak) {
    constexpr std::size_t n = 512, n_heads = 3, dim = 64;
    aligned<float> q(n * n_heads * dim, 0.1f), k(n * dim, 0.1f), v(n * dim, 0.1f), o(n * n_heads * dim),
        scratch(kernels::attention_scratch_floats(dim, n));
    const double macs = static_cast<double>(n_heads * dim * n * (n + 1));  // scores and values, causal
    const double rate = per_cycle(macs, [&] {
        ops.attention({q.data(), n_heads * dim, k.data(), v.data(), n * dim, 0, n, n_heads, 1, dim, 0.125f, 0,
                       o.data(), n_heads * dim, kernels::attention_taps{}, scratch.data()});
    });
    out.push_back({"attention 512 tokens, 3 heads of 64, one KV head", rate, float_peak});
}

void bench::add_sweep() {
    constexpr std::size_t n = 49152;
    aligned<float> a(n), b(n);
    for (std::size_t i = 0; i < n; ++i) {
        a.data()[i] = static_cast<float>(i % 97) * 0.1f;
        b.data()[i] = static_cast<float>(i % 89) * 0.1f;
    }
    const double rate = per_cycle(static_cast<double>(n), [&] {
        position_values values;
        ops.position_sweep(a.data(), b.data(), n, 5, &values);
    });
    out.push_back({"vocabulary sweep, every metric in fp64 (entries)", rate, 0});
}

/// Eight chains, so that loads and not additions are the limit.
std::uint64_t sum_of(const std::uint64_t* words, std::size_t n) {
    std::uint64_t sums[8] = {};
    for (std::size_t i = 0; i + 8 <= n; i += 8)
        for (std::size_t c = 0; c < 8; ++c) sums[c] += words[i + c];
    for (std::size_t c = 1; c < 8; ++c) sums[0] += sums[c];
    return sums[0];
}

}  // namespace

double measure_read_gb_s(std::uint64_t size_bytes, unsigned n_threads) {
    buffer memory;  // as the weights lie: huge pages where there are some
    if (!memory.allocate(static_cast<std::size_t>(size_bytes))) return 0;
    std::memset(memory.data(), 1, memory.size_bytes());
    const auto* words = reinterpret_cast<const std::uint64_t*>(memory.data());
    thread_team team(n_threads);
    std::vector<std::uint64_t> sums(team.size());
    const std::size_t share = memory.size_bytes() / 8 / team.size();
    const double seconds = median_seconds(
        [&] { team.run([&](unsigned part) { sums[part] = sum_of(words + part * share, share); }); });
    return static_cast<double>(share * team.size() * 8) / seconds / 1e9;
}

double measure_clock_ghz() {
    constexpr std::size_t n = 50000;
    double best = 1e9;
    for (int i = 0; i < 20; ++i) {
        const double start = now_s();
        add_chain(n);
        best = std::min(best, now_s() - start);
    }
    return 4.0 * n / best / 1e9;
}

std::vector<kernel_speed> measure_kernels(isa tier) {
    const kernels::table* ops = kernels::find_table(tier);
    if (ops == nullptr) return {};
    bench b{*ops, {}};
    constexpr std::size_t n = 20000;
    const auto round = static_cast<double>(n * ops->rates.lanes);
    const double floats = b.per_cycle(round, [&] { ops->peak_floats(n); });
    const double codes = b.per_cycle(round, [&] { ops->peak_codes(n); });
    b.out.push_back({"peak of fp32 multiply-adds", floats, floats});
    for (const dtype type : {dtype::q8_0, dtype::q4_0, dtype::q4_1})
        for (const numerics mode : all_numerics) b.add_matmul(type, mode, floats, codes);
    b.add_attention(floats);
    b.add_sweep();
    return b.out;
}

}  // namespace qslip
