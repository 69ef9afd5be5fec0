#pragma once
#include <qslip/detail/core/bytes.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace qslip::metrics {

/// Why something was left out or is doubtful; the list is metrics/exclusion.inc.
enum class exclusion : std::uint32_t {
#define QSLIP_EXCLUSION(id, rows, max_share, text) id,
#include <qslip/detail/metrics/exclusion.inc>
#undef QSLIP_EXCLUSION
};

enum class excluded_rows { lost, kept };

struct exclusion_info {
    exclusion which;
    std::string_view id;
    excluded_rows rows;
    double max_share;
    std::string_view text;

    constexpr bool may_block_pass() const noexcept { return max_share < 1; }
    /// Are `count` of them more than a PASS over `n_rows` rows allows?
    constexpr bool too_many(std::uint64_t count, std::uint64_t n_rows) const noexcept {
        const double n = static_cast<double>(n_rows), excluded = static_cast<double>(count);
        return may_block_pass() && excluded > max_share * (rows == excluded_rows::lost ? n + excluded : n);
    }
};
inline constexpr exclusion_info all_exclusions[] = {
#define QSLIP_EXCLUSION(id, rows, max_share, text) {exclusion::id, #id, excluded_rows::rows, max_share, text},
#include <qslip/detail/metrics/exclusion.inc>
#undef QSLIP_EXCLUSION
};
constexpr const exclusion_info& info_of(exclusion why) noexcept {
    return all_exclusions[static_cast<std::size_t>(why)];
}

/// How often each reason occurred. Printed with every result, never dropped.
class exclusion_counts {
public:
    static constexpr std::size_t size = sizeof all_exclusions / sizeof all_exclusions[0];

    std::uint64_t& operator[](exclusion why) noexcept { return counts_[static_cast<std::size_t>(why)]; }
    std::uint64_t operator[](exclusion why) const noexcept { return counts_[static_cast<std::size_t>(why)]; }
    void merge(const exclusion_counts& other) noexcept {
        for (std::size_t i = 0; i < size; ++i) counts_[i] += other.counts_[i];
    }
    /// More than a PASS over `n_rows` rows allows?
    bool too_many(exclusion why, std::uint64_t n_rows) const noexcept {
        return info_of(why).too_many((*this)[why], n_rows);
    }
    bool blocks_pass(std::uint64_t n_rows) const noexcept {
        return std::ranges::any_of(all_exclusions, [&](const auto& e) { return too_many(e.which, n_rows); });
    }
    bool operator==(const exclusion_counts&) const noexcept = default;

    void save(byte_writer& out) const {
        out.u64(size);
        for (const auto n : counts_) out.u64(n);
    }
    void load(byte_reader& in) {
        in.require(in.count(8) == size);
        for (auto& n : counts_) n = in.u64();
    }

private:
    std::array<std::uint64_t, size> counts_{};
};

}  // namespace qslip::metrics
