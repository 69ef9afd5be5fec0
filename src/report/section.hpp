#pragma once
// Facts as tables of typed columns, the same for every format: the list is section.inc.
#include <qslip/detail/metrics/metric.hpp>

#include <optional>
#include <string>
#include <vector>

#include "report/fact.hpp"
#include "report/field.hpp"

namespace qslip::report {

enum class shown { always, verbose };
enum class row_identity { named, numbered };

struct column {
    std::string key;  ///< as in result.json
    std::string heading;
    field_kind kind;
    bool is_label = false;
};

struct section_row {
    fact::list cells;                   ///< one for each column
    std::optional<metric_info> metric;  ///< that the row is about: the unit of amounts
};

struct section {
    std::string_view id, title;
    shown when;
    row_identity identity;        ///< named: the labels of a row are its own
    std::vector<column> columns;  ///< labels first: slice, metric, side
    std::vector<section_row> rows;
};

/// The ranking; no rows with one candidate.
section ranking_of(const fact& document);
/// Every other section of a candidate that has rows, in the order of section.inc.
std::vector<section> sections_of(const fact& candidate);

/// A fact as a reader wants it: "96.5 %", "-3.8 pt", "1,234"; "-" when it is not known.
std::string shown_as(const fact& cell, field_kind kind, const std::optional<metric_info>& metric);
/// Columns of numbers are set flush right.
bool is_number(field_kind kind);

}  // namespace qslip::report
