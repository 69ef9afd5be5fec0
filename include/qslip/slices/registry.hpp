#pragma once
#include <qslip/core/limits.hpp>
#include <qslip/core/result.hpp>
#include <qslip/slices/cell_role.hpp>
#include <qslip/slices/slice.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace qslip {

/// How a deciding cell is judged and planned; docs/registry.md.
struct gate_options {
    double budget = 0.05;  ///< largest damage accepted, (0, 1)
    double alpha = 0.05;   ///< one-sided, (0, 0.5)
    double power = 0.90;
    double psi = 0.10;  ///< expected share of items that change, for planning
    double rho0 = 1.0;  ///< in-cluster correlation assumed
    std::uint32_t planned_looks = 1, look = 1;
    damage_direction direction = damage_direction::loss;

    /// What this look may spend of alpha: alpha j / (J(J+1)/2), metrics.md 12.10 for J = 4.
    double alpha_of_look() const {
        const double j = look, n = planned_looks;
        return alpha * j / (n * (n + 1) / 2);
    }
};
struct tripwire_options {
    double limit = 0.10;  ///< the lower bound may not exceed it
    double alpha = 0.05;
};

/// One cell as planned. `slice` may be "*": every tag of the suite with data for the metric.
struct cell_plan {
    std::string slice, metric;
    cell_role role = cell_role::info;
    gate_options gate;
    double limit = 0;  ///< tripwire
};

/// The slices of a release and the cells that decide it. A value: built in code or read from a file.
class slice_registry {
public:
    /// Gates task_correct of every slice with a task at budget 0.05; token_flip and kl_fwd_nats of "all"
    /// are info; no tripwires.
    static slice_registry standard();
    /// Errors: those of the file; schema (the message lists the faults, each on a line of its own).
    static result<slice_registry> load(const std::string& path, const limits& = {});
    static result<slice_registry> from_text(std::string_view json, const std::string& name = "registry",
                                            const limits& = {});

    /// Each replaces what was there for the same slice and metric. A wrong argument is kept, and returned
    /// by check() and by compare().
    slice_registry& define(const std::string& slice, slice_selector selector);
    slice_registry& gate(const std::string& slice, const std::string& metric, gate_options = {});
    slice_registry& guard(const std::string& slice, const std::string& metric, gate_options = {});
    slice_registry& tripwire(const std::string& slice, const std::string& metric, tripwire_options = {});
    slice_registry& info(const std::string& slice, const std::string& metric);

    /// The first fault of the calls above, or that no cell decides.
    status check() const;
    const std::map<std::string, slice_selector>& slices() const noexcept { return slices_; }
    const std::vector<cell_plan>& cells() const noexcept { return cells_; }
    /// A deciding cell without data is FAIL(missing), not INCONCLUSIVE(coverage).
    bool missing_fails() const noexcept { return missing_fails_; }
    void set_missing_fails(bool fails) noexcept { missing_fails_ = fails; }
    /// SHA-256 (hex) of the canonical form: equal for registries that mean the same.
    std::string digest() const;

private:
    slice_registry& put(cell_plan cell);

    std::map<std::string, slice_selector> slices_;
    std::vector<cell_plan> cells_;  // sorted by slice and metric
    bool missing_fails_ = false;
    status fault_;
};

}  // namespace qslip
