#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace qslip {

/// Every metric by the id that tables, JSON and bindings print; the list is metrics/metric.inc.
enum class metric : std::uint32_t {
#define QSLIP_METRIC(id, unit, form, better, use, text) id,
#include <qslip/detail/metrics/metric.inc>
#undef QSLIP_METRIC
};

enum class metric_form { mean, rate, ratio };
enum class metric_better { lower, higher, zero };
enum class metric_use { displacement, outcome };

struct metric_info {
    metric which;
    std::string_view id, unit;
    metric_form form;
    metric_better better;
    metric_use use;
    std::string_view text;
};

inline constexpr metric_info all_metrics[] = {
#define QSLIP_METRIC(id, unit, form, better, use, text) \
    {metric::id, #id, unit, metric_form::form, metric_better::better, metric_use::use, text},
#include <qslip/detail/metrics/metric.inc>
#undef QSLIP_METRIC
};
inline constexpr std::size_t n_metrics = sizeof all_metrics / sizeof all_metrics[0];

constexpr const metric_info& info_of(metric m) noexcept { return all_metrics[static_cast<std::size_t>(m)]; }

/// By its id; empty when there is none.
constexpr std::optional<metric_info> find_metric(std::string_view id) noexcept {
    for (const auto& m : all_metrics)
        if (m.id == id) return m;
    return std::nullopt;
}

}  // namespace qslip
