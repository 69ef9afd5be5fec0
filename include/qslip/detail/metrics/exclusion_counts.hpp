#pragma once
#include <qslip/detail/core/bytes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace qslip::metrics {

/// Why a position was left out of a metric; the list is metrics/exclusion.inc.
enum class exclusion : std::uint32_t {
#define QSLIP_EXCLUSION(id, blocks_pass, text) id,
#include <qslip/detail/metrics/exclusion.inc>
#undef QSLIP_EXCLUSION
};

struct exclusion_info {
    exclusion which;
    std::string_view id;
    bool blocks_pass;
    std::string_view text;
};
inline constexpr exclusion_info all_exclusions[] = {
#define QSLIP_EXCLUSION(id, blocks_pass, text) {exclusion::id, #id, blocks_pass, text},
#include <qslip/detail/metrics/exclusion.inc>
#undef QSLIP_EXCLUSION
};

/// How many positions each reason left out. Printed with every metric, never dropped.
class exclusion_counts {
public:
    static constexpr std::size_t size = sizeof all_exclusions / sizeof all_exclusions[0];

    void add(exclusion why, std::uint64_t n = 1) noexcept { counts_[static_cast<std::size_t>(why)] += n; }
    void merge(const exclusion_counts& other) noexcept {
        for (std::size_t i = 0; i < size; ++i) counts_[i] += other.counts_[i];
    }
    std::uint64_t operator[](exclusion why) const noexcept { return counts_[static_cast<std::size_t>(why)]; }
    /// True when some count forbids a PASS.
    bool blocks_pass() const noexcept {
        for (const auto& e : all_exclusions)
            if (e.blocks_pass && (*this)[e.which] > 0) return true;
        return false;
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
