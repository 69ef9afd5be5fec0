// The plan in words.
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/gates/cell.hpp>
#include <qslip/plan.hpp>

#include <algorithm>
#include <cstdio>

#include "gates/metric_rules.hpp"

namespace qslip {
namespace {

std::string points(const std::optional<double>& rate) {
    char text[32];
    if (!rate) return "-";
    std::snprintf(text, sizeof text, "%.1f pt", 100 * *rate);
    return text;
}
std::string count(const std::optional<double>& n) {
    return n ? grouped(static_cast<std::uint64_t>(*n)) : "-";
}

std::string line(const std::string& slice, const std::string& metric, const char* role,
                 const std::string& budget, const std::string& n, const std::string& clusters,
                 const std::string& effect, const std::string& needed) {
    char text[512];
    std::snprintf(text, sizeof text, "%-24s %-15s %-8s %9s %9s %9s %12s %9s\n", slice.c_str(), metric.c_str(),
                  role, budget.c_str(), n.c_str(), clusters.c_str(), effect.c_str(), needed.c_str());
    return text;
}

std::string line(const planned_cell& c) {
    return line(c.cell.slice, c.cell.metric, cell_role_name(c.cell.role),
                decides(c.cell.role) ? points(c.cell.gate.budget) : "-", grouped(c.n), grouped(c.clusters),
                points(c.detectable_effect), count(c.n_needed));
}

std::string of_cells(std::ptrdiff_t n, std::ptrdiff_t n_deciding) {
    return grouped(static_cast<std::uint64_t>(n)) + " of " + grouped(static_cast<std::uint64_t>(n_deciding)) +
           " cells ";
}

}  // namespace

std::string outlook(const run_plan& plan) {
    const auto deciding = [](const auto& c) { return decides(c.cell.role); };
    const auto n_deciding = std::ranges::count_if(plan.cells(), deciding);
    if (n_deciding == 0)
        return std::string("nothing decides: the verdict will be ") +
               name_of(plan.has_tasks() ? verdict::inconclusive : verdict::measured);
    const auto n_hopeless =
        std::ranges::count_if(plan.cells(), [&](const auto& c) { return deciding(c) && !c.can_pass(); });
    if (n_hopeless > 0) return of_cells(n_hopeless, n_deciding) + "cannot pass at this n";
    const auto n_few = std::ranges::count_if(plan.cells(), [&](const auto& c) {
        return deciding(c) && static_cast<double>(c.n) < c.n_needed.value_or(0);
    });
    if (n_few > 0) return of_cells(n_few, n_deciding) + "have fewer answers than they need to pass reliably";
    return "all cells that decide have the answers they need";
}

std::string plan_table(const run_plan& plan) {
    std::vector<const planned_cell*> shown;
    for (const auto& c : plan.cells())
        if (is_answer_metric(c.cell.metric)) shown.push_back(&c);
    std::stable_partition(shown.begin(), shown.end(), [](const auto* c) { return decides(c->cell.role); });
    std::string out = line("slice", "metric", "role", "budget", "n", "clusters", "detectable", "n needed");
    for (const auto* c : shown) out += line(*c);
    return out + outlook(plan) + "\n";
}

std::vector<std::string> plan_warnings(const run_plan& plan, const std::string& suite_name) {
    std::vector<std::string> lines;
    for (const auto& missing : plan.missing_slices()) {
        auto line = missing.declared
                        ? "no item of " + escaped(suite_name) + " is in slice " + quoted(missing.name)
                        : "no slice " + quoted(missing.name) + " in " + escaped(suite_name);
        if (!missing.unknown_tag.empty()) line += ": no tag " + quoted(missing.unknown_tag);
        if (!missing.nearest.empty()) line += "; did you mean " + escaped(missing.nearest) + "?";
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace qslip
