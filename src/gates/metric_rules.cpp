#include "gates/metric_rules.hpp"

#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/metrics/metric.hpp>

namespace qslip {

bool is_answer_metric(const std::string& metric) {
    const auto info = find_metric(metric);
    return info && info->use == metric_use::outcome;
}

static std::string unknown(const std::string& metric) {
    std::vector<std::string_view> names;
    for (const auto& m : all_metrics) names.push_back(m.id);
    const auto near = nearest_name(metric, names);
    return "is no metric of this version" +
           (near.empty() ? "" : "; did you mean " + qslip::quoted(near) + "?");
}

std::string metric_fault(const cell_plan& cell) {
    const auto info = find_metric(cell.metric);
    if (!info) return unknown(cell.metric);
    const bool displacement = info->use == metric_use::displacement;
    if (displacement && decides(cell.role))
        return "may be tripwire or info only: a distance measures displacement, not harm";
    if (cell.role == cell_role::tripwire && !displacement) return "cannot be a tripwire; make it a gate";
    const bool limited = info->form != metric_form::ratio && info->better != metric_better::higher;
    if (cell.role == cell_role::tripwire && !limited) return "cannot be a tripwire: it has no upper limit";
    return "";
}

}  // namespace qslip
