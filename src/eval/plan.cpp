#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/stats/sample_size.hpp>
#include <qslip/plan.hpp>

#include <algorithm>

#include "gates/metric_rules.hpp"

namespace qslip {

/// The floors of the verdict: rows without a single failure, and clusters.
bool planned_cell::can_pass() const {
    constexpr double min_effective_clusters = 30;
    return static_cast<double>(n) >= stats::n_floor(cell.gate.budget, cell.gate.alpha_of_look()) &&
           static_cast<double>(n) >= min_effective_clusters * mean_cluster_size;
}

static slice_selector selector_of(complexity_class c) {
    slice_selector s;
    s.complexity_classes = {c};
    return s;
}

run_plan::run_plan(const slice_registry& registry, const std::vector<std::string>& tags,
                   const std::vector<complexity_class>& classes)
    : registry_(registry), tags_(tags.begin(), tags.end()) {
    std::map<std::string, slice_selector> named;
    for (const auto& tag : tags_) named[tag].tags = {tag};
    for (const auto c : classes)
        named.try_emplace(std::string("json/") + complexity_class_name(c), selector_of(c));
    for (const auto& [name, selector] : registry.slices()) named.insert_or_assign(name, selector);
    slices_.push_back({"all", {}});
    for (auto& [name, selector] : named) slices_.push_back({name, std::move(selector)});
    rows_.resize(slices_.size());
    for (const auto& cell : registry.cells())
        if (const auto known = find_metric(cell.metric)) planned_.insert(known->which);
}

const run_plan::rows& run_plan::rows_of(std::size_t slice, const std::string& metric_id) const {
    static const rows none;
    const auto known = find_metric(metric_id);
    const auto found = known ? rows_[slice].find(known->which) : rows_[slice].end();
    return found == rows_[slice].end() ? none : found->second;
}

item_slices run_plan::slices_of(const item_traits& item) const {
    item_slices in;
    for (std::uint32_t i = 0; i < slices_.size(); ++i)
        if (slices_[i].selector.takes_item(item))
            (slices_[i].selector.selects_positions() ? in.positions : in.whole).push_back(i);
    return in;
}

void run_plan::add_item(const item_slices& in, std::span<const metric> feeds, std::uint64_t cluster) {
    has_tasks_ |= !feeds.empty();
    for (const auto i : in.positions) ++slices_[i].n_items;
    for (const auto i : in.whole) {
        ++slices_[i].n_items;
        if (!feeds.empty()) ++slices_[i].n_answers;
        for (const auto fed : feeds)
            if (planned_.contains(fed)) rows_[i][fed].push_back(cluster);
    }
}

std::optional<std::size_t> run_plan::find_slice(const std::string& name) const {
    for (std::size_t i = 0; i < slices_.size(); ++i)
        if (slices_[i].name == name) return i;
    return std::nullopt;
}

/// The sizes of the clusters that the rows sit in.
static std::vector<std::uint64_t> cluster_sizes(std::vector<std::uint64_t> clusters) {
    std::ranges::sort(clusters);
    std::vector<std::uint64_t> sizes;
    for (std::size_t i = 0; i < clusters.size(); ++i) {
        if (i == 0 || clusters[i] != clusters[i - 1]) sizes.push_back(0);
        ++sizes.back();
    }
    return sizes;
}

void run_plan::add_cell(const cell_plan& plan, std::optional<std::size_t> slice) {
    planned_cell cell;
    cell.cell = plan;
    cell.slice = slice;
    if (slice && is_answer_metric(plan.metric)) {
        const auto sizes = cluster_sizes(rows_of(*slice, plan.metric));
        double squares = 0;
        for (const auto n : sizes) {
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
            is_answer_metric(star.metric) ? !rows_of(i, star.metric).empty() : s.n_items > 0;
        const bool own_cell = std::ranges::any_of(
            registry_.cells(), [&](const auto& c) { return c.slice == s.name && c.metric == star.metric; });
        if (!tags_.contains(s.name) || registry_.slices().contains(s.name) || !has_data || own_cell) continue;
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
    const double n = static_cast<double>(cell.n), clusters = static_cast<double>(cell.clusters);
    const stats::cluster_shape shape{n / clusters, cell.mean_cluster_size, 0, g.rho0};
    cell.detectable_effect = stats::detectable_effect(n / std::max(1.0, shape.design_effect(clusters, g.psi)),
                                                      g.psi, p.alpha, g.power);
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
    find_missing();
    rows_.clear();
    return {};
}

/// Whom the registry declares, and whom cells that decide name.
void run_plan::find_missing() {
    std::map<std::string, bool> decides_of;
    for (const auto& [name, selector] : registry_.slices()) decides_of[name] = false;
    for (const auto& cell : registry_.cells())
        if (decides(cell.role) && cell.slice != "*") decides_of[cell.slice] = true;
    for (const auto& [name, decides_one] : decides_of) {
        const auto slice = find_slice(name);
        if (slice && slices_[*slice].n_items > 0) continue;
        missing_.push_back(describe_missing(name));
        missing_.back().decides = decides_one;
    }
}

missing_slice run_plan::describe_missing(const std::string& name) const {
    missing_slice out;
    out.name = name;
    const auto declared = registry_.slices().find(name);
    if (declared == registry_.slices().end()) {
        std::vector<std::string> names;
        for (const auto& slice : slices_)
            if (slice.n_items > 0) names.push_back(slice.name);
        out.nearest = nearest_name(name, names);
        return out;
    }
    out.declared = true;
    const auto& tags = declared->second.tags;
    const auto unknown = std::ranges::find_if(tags, [&](const auto& tag) { return !tags_.contains(tag); });
    if (unknown == tags.end()) return out;
    out.unknown_tag = *unknown;
    out.nearest = nearest_name(*unknown, tags_);
    return out;
}

}  // namespace qslip
