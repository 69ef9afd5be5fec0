#pragma once
#include <qslip/detail/core/bytes.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace qslip::metrics {

/// Counts of values in fixed bins: bin i holds edge[i-1] <= v < edge[i], the first and the last
/// are open. NaN falls into the last bin.
template <std::size_t n_edges>
class hist {
public:
    constexpr explicit hist(const std::array<double, n_edges>& edges) noexcept : edges_(edges) {}

    static constexpr std::size_t size() noexcept { return n_edges + 1; }
    std::size_t bin(double v) const noexcept {
        std::size_t i = 0;
        while (i < n_edges && !(v < edges_[i])) ++i;
        return i;
    }
    void add(double v) noexcept { ++counts_[bin(v)]; }
    void merge(const hist& other) noexcept {
        for (std::size_t i = 0; i < size(); ++i) counts_[i] += other.counts_[i];
    }
    std::uint64_t operator[](std::size_t i) const noexcept { return counts_[i]; }
    bool operator==(const hist&) const noexcept = default;

    void save(byte_writer& out) const {
        out.u64(size());
        for (const auto n : counts_) out.u64(n);
    }
    void load(byte_reader& in) {
        in.require(in.count(8) == size());
        for (auto& n : counts_) n = in.u64();
    }

private:
    std::array<double, n_edges> edges_;
    std::array<std::uint64_t, n_edges + 1> counts_{};
};

}  // namespace qslip::metrics
