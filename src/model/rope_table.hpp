#pragma once
#include <qslip/detail/core/math.hpp>

#include <cstddef>
#include <vector>

namespace qslip {

/// Cosines and sines of the rotary embedding, grown to the positions asked for. The angle of pair i at a
/// position is position * base^(-2i / head_dim), in double, with functions that are the same everywhere.
/// Source: Su et al. 2021, "RoFormer", eq. 15.
class rope_table {
public:
    rope_table(double base, std::size_t head_dim) : half_(head_dim / 2), frequency_(half_) {
        const double log_base = math::log(base);
        for (std::size_t i = 0; i < half_; ++i)
            frequency_[i] = math::exp(-log_base * static_cast<double>(i) / static_cast<double>(half_));
    }
    void grow(std::size_t n_positions) {
        for (std::size_t position = cosine_.size() / half_; position < n_positions; ++position)
            for (const double frequency : frequency_) {
                const auto [s, c] = math::sincos(static_cast<double>(position) * frequency);
                cosine_.push_back(static_cast<float>(c));
                sine_.push_back(static_cast<float>(s));
            }
    }
    /// [head_dim / 2] of a position grown to.
    const float* cosine(std::size_t position) const { return cosine_.data() + position * half_; }
    const float* sine(std::size_t position) const { return sine_.data() + position * half_; }

private:
    std::size_t half_;
    std::vector<double> frequency_;
    std::vector<float> cosine_, sine_;
};

}  // namespace qslip
