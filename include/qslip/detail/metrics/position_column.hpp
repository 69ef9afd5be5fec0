#pragma once
#include <qslip/detail/core/math.hpp>
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/detail/stats/intervals.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

namespace qslip::metrics {

/// What is taken from every scored position; the list is metrics/position_column.inc.
enum class position_column {
#define QSLIP_POSITION_COLUMN(id, keeps, counts, number, min, max) id,
#include <qslip/detail/metrics/position_column.inc>
#undef QSLIP_POSITION_COLUMN
    count_
};
inline constexpr std::size_t n_position_columns = static_cast<std::size_t>(position_column::count_);

/// How much of a column's numbers is kept; each includes those before it.
enum class column_keeps { rate, mean, quantiles };

struct position_column_info {
    position_column which;
    std::string_view id;
    column_keeps keeps;
    stats::interval range;
};

inline constexpr auto position_columns = [] {
    constexpr double inf = std::numeric_limits<double>::infinity();
    return std::array<position_column_info, n_position_columns>{{
#define QSLIP_POSITION_COLUMN(id, keeps, counts, number, min, max) \
    {position_column::id, #id, column_keeps::keeps, {min, max}},
#include <qslip/detail/metrics/position_column.inc>
#undef QSLIP_POSITION_COLUMN
    }};
}();

constexpr const position_column_info& info_of(position_column c) noexcept {
    return position_columns[static_cast<std::size_t>(c)];
}

/// The column whose mean or rate the metric is; empty for metrics of answers and for those made of others.
constexpr std::optional<position_column> column_of(metric m) noexcept {
    for (const auto& column : position_columns)
        if (column.id == info_of(m).id) return column.which;
    return std::nullopt;
}

}  // namespace qslip::metrics
