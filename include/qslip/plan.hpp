#pragma once
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/errors.hpp>
#include <qslip/model.hpp>
#include <qslip/registry.hpp>
#include <qslip/suite.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
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

    /// False when no outcome of so few answers passes the gate, not even that of an unchanged model.
    bool can_pass() const;
};

/// A slice that the registry declares or names in a cell, and that no item is in.
struct missing_slice {
    std::string name;
    bool decides = false;     ///< a gate or guard is about it
    bool declared = false;    ///< the registry says what is in it
    std::string unknown_tag;  ///< the first tag it is declared by that the suite has not; empty: none
    std::string nearest;      ///< the slice or tag that was likely meant; empty: none is near
};

/// Indices of slices, ascending; those that select positions of their items apart.
struct item_slices {
    std::vector<std::uint32_t> whole, positions;
    friend auto operator<=>(const item_slices&, const item_slices&) = default;
};

/// Which slices and cells a registry makes of a suite. Built item by item; then finish().
class run_plan {
public:
    /// Each tag is a slice; each class one of the name json/S0 to json/S3, unless there is another of it.
    run_plan(const slice_registry& registry, const std::vector<std::string>& tags,
             const std::vector<complexity_class>& classes = {});

    const std::vector<run_slice>& slices() const noexcept { return slices_; }
    const std::vector<planned_cell>& cells() const noexcept { return cells_; }
    /// Some answer is judged, or the registry names slices whose answers had to be there.
    bool has_tasks() const noexcept { return has_tasks_; }
    const std::vector<missing_slice>& missing_slices() const noexcept { return missing_; }

    item_slices slices_of(const item_traits& item) const;

    /// `feeds`: the metrics its answer may have outcomes in; none when it is not judged.
    void add_item(const item_slices& in, std::span<const metric> feeds, std::uint64_t cluster);
    /// Forms the cells with their planned sizes. Errors: those of registry.check().
    status finish();

private:
    /// The cluster of each row that a metric has in a slice.
    using rows = std::vector<std::uint64_t>;
    const rows& rows_of(std::size_t slice, const std::string& metric_id) const;

    void add_cell(const cell_plan& plan, std::optional<std::size_t> slice);
    void add_overview();
    void expand(const cell_plan& star);
    void size_cell(planned_cell& cell, std::size_t n_deciding) const;
    std::optional<std::size_t> find_slice(const std::string& name) const;
    void find_missing();
    missing_slice describe_missing(const std::string& name) const;

    slice_registry registry_;
    std::set<std::string> tags_;  // of the suite
    std::set<metric> planned_;    // the metrics that cells are about
    std::vector<run_slice> slices_;
    std::vector<std::map<metric, rows>> rows_;  // per slice
    std::vector<planned_cell> cells_;
    std::vector<missing_slice> missing_;
    bool has_tasks_ = false;
};

/// The plan of a whole suite; prompts are tokenized for their length. `rendered`: as compare_options has it.
/// Errors: those of reading, rendering and tokenizing (naming the item), and of the registry.
result<run_plan> make_plan(const suite& items, const slice_registry& registry, const model& base,
                           bool rendered = false, const limits& limits = {});

/// The plan as a table for a terminal, the cells that decide first: slice, metric, role, budget, n, clusters,
/// least detectable effect, n needed; then outlook(). Ends with a newline.
std::string plan_table(const run_plan& plan);

/// What the verdict can be: "3 of 3 cells cannot pass at this n", or that nothing decides.
std::string outlook(const run_plan& plan);

/// A line for each slice that no item is in, as in: no slice "arth" in prompts.jsonl; did you mean arith?
std::vector<std::string> plan_warnings(const run_plan& plan, const std::string& suite_name);

}  // namespace qslip
