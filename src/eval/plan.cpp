#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/stats/sample_size.hpp>
#include <qslip/plan.hpp>

#include <algorithm>
#include <cstdio>

#include "eval/prompt_encoder.hpp"
#include "eval/workload.hpp"
#include "gates/metric_rules.hpp"

namespace qslip {

run_plan::run_plan(const slice_registry& registry, const std::vector<std::string>& tags,
                   const std::vector<std::string>& tiers)
    : registry_(registry), tags_(tags.begin(), tags.end()) {
    std::map<std::string, slice_selector> named;
    for (const auto& tag : tags_) {
        slice_selector s;
        s.tags = {tag};
        named.emplace(tag, std::move(s));
    }
    for (const auto& tier : tiers) {
        slice_selector s;
        s.tiers = {tier};
        named.emplace("json/" + tier, std::move(s));
    }
    for (const auto& [name, selector] : registry.slices()) {
        tags_.erase(name);
        named.insert_or_assign(name, selector);
    }
    slices_.push_back({"all", {}});
    for (auto& [name, selector] : named) slices_.push_back({name, std::move(selector)});
    clusters_.resize(slices_.size());
}

run_plan::by_cluster& run_plan::rows_in(std::size_t slice, metric_population population) {
    return clusters_[slice][static_cast<std::size_t>(population)];
}
/// The rows that a metric of answers counts.
run_plan::by_cluster& run_plan::rows_in(std::size_t slice, const std::string& metric) {
    return rows_in(slice, find_metric(metric)->population);
}

void run_plan::slices_of(const item_traits& item, std::vector<std::uint32_t>& whole,
                         std::vector<std::uint32_t>& positions) const {
    whole.clear();
    positions.clear();
    for (std::uint32_t i = 0; i < slices_.size(); ++i)
        if (slices_[i].selector.takes_item(item))
            (slices_[i].selector.selects_positions() ? positions : whole).push_back(i);
}

void run_plan::add_item(const item_traits& item, bool has_task, std::uint64_t cluster) {
    std::vector<std::uint32_t> whole, positions;
    slices_of(item, whole, positions);
    has_tasks_ |= has_task;
    for (const auto i : whole) {
        ++slices_[i].n_items;
        if (!has_task) continue;
        ++slices_[i].n_answers;
        ++rows_in(i, metric_population::answers)[cluster];
        if (!item.tier.empty()) ++rows_in(i, metric_population::structured)[cluster];
        if (item.may_call) ++rows_in(i, metric_population::calls)[cluster];
    }
}

std::optional<std::size_t> run_plan::find_slice(const std::string& name) const {
    for (std::size_t i = 0; i < slices_.size(); ++i)
        if (slices_[i].name == name) return i;
    return std::nullopt;
}

void run_plan::add_cell(const cell_plan& plan, std::optional<std::size_t> slice) {
    planned_cell cell;
    cell.cell = plan;
    cell.slice = slice;
    if (slice && is_answer_metric(plan.metric)) {
        double squares = 0;
        const auto& sizes = rows_in(*slice, plan.metric);
        for (const auto& [cluster, n] : sizes) {
            cell.n += n;
            squares += static_cast<double>(n) * static_cast<double>(n);
        }
        cell.clusters = sizes.size();
        if (cell.n > 0) cell.mean_cluster_size = squares / static_cast<double>(cell.n);
    }
    cells_.push_back(std::move(cell));
}

/// `*`: every tag that has data for the metric and no cell of its own for it.
void run_plan::expand(const cell_plan& star) {
    for (std::size_t i = 1; i < slices_.size(); ++i) {
        const auto& s = slices_[i];
        const bool has_data =
            is_answer_metric(star.metric) ? !rows_in(i, star.metric).empty() : s.n_items > 0;
        const bool own_cell = std::ranges::any_of(
            registry_.cells(), [&](const auto& c) { return c.slice == s.name && c.metric == star.metric; });
        if (!tags_.contains(s.name) || !has_data || own_cell) continue;
        auto cell = star;
        cell.slice = s.name;
        add_cell(cell, i);
    }
}

void run_plan::size_cell(planned_cell& cell, std::size_t n_deciding) const {
    const auto& g = cell.cell.gate;
    if (!decides(cell.cell.role)) return;
    const stats::plan p{g.budget, g.alpha_of_look(), stats::power_per_cell(g.power, n_deciding), g.psi, 0};
    if (cell.n == 0) {
        cell.n_needed = stats::n_needed(p);
        return;
    }
    const double rows = static_cast<double>(cell.n), clusters = static_cast<double>(cell.clusters);
    const stats::cluster_shape shape{rows / clusters, cell.mean_cluster_size, 0, g.rho0};
    cell.detectable_effect = stats::detectable_effect(
        rows / std::max(1.0, shape.design_effect(clusters, g.psi)), g.psi, p.alpha, g.power);
    if (cell.mean_cluster_size <= 1)
        cell.n_needed = stats::n_needed(p);
    else if (const auto needed = stats::clusters_needed(p, shape))
        cell.n_needed = std::ceil(*needed * shape.rows_per_cluster);
}

/// Every run says how far the candidate moved in all; these cells also carry its non-finite logits.
void run_plan::add_overview() {
    for (const char* metric : {"token_flip", "kl_fwd_nats"}) {
        const bool there = std::ranges::any_of(
            cells_, [&](const auto& c) { return c.slice == std::size_t{0} && c.cell.metric == metric; });
        if (there) continue;
        cell_plan cell;
        cell.slice = "all";
        cell.metric = metric;
        add_cell(cell, 0);
    }
}

status run_plan::finish() {
    QSLIP_CHECK(registry_.check());
    for (const auto& plan : registry_.cells()) {
        if (plan.slice == "*") {
            expand(plan);
            continue;
        }
        const auto slice = find_slice(plan.slice);
        add_cell(plan, slice);
        has_tasks_ |= decides(plan.role);
    }
    add_overview();
    const auto n_deciding = std::ranges::count_if(cells_, [](const auto& c) { return decides(c.cell.role); });
    for (auto& cell : cells_) size_cell(cell, static_cast<std::size_t>(n_deciding));
    return {};
}

result<run_plan> make_plan(const suite& items, const slice_registry& registry,
                           const prompt_encoder& prompts) {
    run_plan plan(registry, items.tags(), items.tiers());
    for (std::size_t i = 0; i < items.size(); ++i) {
        QSLIP_TRY(const auto item, items.item(i));
        QSLIP_TRY(const auto tokens, encode_item(prompts, items, item));
        plan.add_item(traits_of(item, tokens.size()), item.how.type != task_type::none, item.cluster);
    }
    QSLIP_CHECK(plan.finish());
    return plan;
}

result<run_plan> make_plan(const suite& items, const slice_registry& registry, const model& base,
                           bool rendered, const limits& limits) {
    QSLIP_TRY(const auto prompts, prompt_encoder::create(base, items, rendered, limits));
    return make_plan(items, registry, prompts);
}

static std::string points(const std::optional<double>& rate) {
    char text[32];
    if (!rate) return "-";
    std::snprintf(text, sizeof text, "%.1f pt", 100 * *rate);
    return text;
}
static std::string count(const std::optional<double>& n) {
    return n ? grouped(static_cast<std::uint64_t>(*n)) : "-";
}

std::string plan_table(const run_plan& plan) {
    std::string out;
    const auto line = [&](const char* slice, const char* metric, const char* role, const std::string& budget,
                          const std::string& n, const std::string& clusters, const std::string& effect,
                          const std::string& needed) {
        char text[512];
        std::snprintf(text, sizeof text, "%-24s %-15s %-8s %9s %9s %9s %12s %9s\n", slice, metric, role,
                      budget.c_str(), n.c_str(), clusters.c_str(), effect.c_str(), needed.c_str());
        out += text;
    };
    line("slice", "metric", "role", "budget", "n", "clusters", "detectable", "n needed");
    for (const auto& c : plan.cells())
        if (is_answer_metric(c.cell.metric))
            line(c.cell.slice.c_str(), c.cell.metric.c_str(), cell_role_name(c.cell.role),
                 decides(c.cell.role) ? points(c.cell.gate.budget) : "-", grouped(c.n), grouped(c.clusters),
                 points(c.detectable_effect), count(c.n_needed));
    return out;
}

}  // namespace qslip
