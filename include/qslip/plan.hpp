#pragma once
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/errors.hpp>
#include <qslip/registry.hpp>
#include <qslip/suite.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace qslip {

/// A slice of a run: "all", a tag of the suite, or a declared one.
struct run_slice {
    std::string name;
    slice_selector selector;
    std::uint64_t n_items = 0, n_answers = 0;  ///< items; those with a task
};

/// A cell with what is known of it before any model runs.
struct planned_cell {
    cell_plan cell;                     ///< its slice is never "*"
    std::optional<std::size_t> slice;   ///< index of a run slice; none when the run has no such slice
    std::uint64_t n = 0, clusters = 0;  ///< answers, and clusters they sit in; 0 for metrics of positions
    double mean_cluster_size = 1;       ///< sum n_g^2 / sum n_g
    std::optional<double> detectable_effect;
    std::optional<double> n_needed;  ///< answers, at no damage and 1 - beta/K power
};

/// Which slices and cells a registry makes of a suite. Built item by item; then finish().
class run_plan {
public:
    /// Each tag is a slice; each tier ("S0" to "S3") one of the name json/S0, unless there is another of it.
    run_plan(const slice_registry& registry, const std::vector<std::string>& tags,
             const std::vector<std::string>& tiers = {});

    const std::vector<run_slice>& slices() const noexcept { return slices_; }
    const std::vector<planned_cell>& cells() const noexcept { return cells_; }
    /// Some answer is judged, or the registry names slices whose answers had to be there.
    bool has_tasks() const noexcept { return has_tasks_; }

    /// Indices of the slices the item is in, ascending; those that select positions are split off.
    void slices_of(const item_traits& item, std::vector<std::uint32_t>& whole,
                   std::vector<std::uint32_t>& positions) const;

    void add_item(const item_traits& item, bool has_task, std::uint64_t cluster);
    /// Forms the cells with their planned sizes. Errors: those of registry.check().
    status finish();

private:
    using by_cluster = std::unordered_map<std::uint64_t, std::uint64_t>;
    by_cluster& rows_in(std::size_t slice, metric_population population);
    by_cluster& rows_in(std::size_t slice, const std::string& metric);

    void add_cell(const cell_plan& plan, std::optional<std::size_t> slice);
    void add_overview();
    void expand(const cell_plan& star);
    void size_cell(planned_cell& cell, std::size_t n_deciding) const;
    std::optional<std::size_t> find_slice(const std::string& name) const;

    slice_registry registry_;
    std::set<std::string> tags_;
    std::vector<run_slice> slices_;
    std::vector<std::array<by_cluster, n_populations>> clusters_;  // per slice
    std::vector<planned_cell> cells_;
    bool has_tasks_ = false;
};

class model;
class prompt_encoder;

/// The plan of a whole suite; prompts are tokenized for their length. Errors: those of reading, rendering and
/// tokenizing (naming the item), and of the registry.
result<run_plan> make_plan(const suite& items, const slice_registry& registry, const prompt_encoder& prompts);

/// The same for the prompts as `base` reads them; `rendered`: they are finished ones, as in compare_options.
result<run_plan> make_plan(const suite& items, const slice_registry& registry, const model& base,
                           bool rendered = false, const limits& limits = {});

/// The plan as a table for a terminal: slice, metric, role, budget, n, clusters, least detectable effect, n
/// needed. Ends with a newline.
std::string plan_table(const run_plan& plan);

}  // namespace qslip
