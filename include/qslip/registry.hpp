#pragma once
#include <qslip/detail/core/complexity_class.hpp>
#include <qslip/detail/gates/cell_role.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// What a slice may select an item by. Borrowed for the call.
struct item_traits {
    const std::vector<std::string>* tags = nullptr;
    std::string_view language = {}, category = {};
    std::uint64_t n_prompt_tokens = 0;
    std::optional<complexity_class> complexity = {};  ///< of the schema; none: no JSON demanded
};

/// A half-open range [lo, hi) of token counts or positions.
struct token_range {
    std::uint64_t lo = 0, hi = ~std::uint64_t{0};
    bool holds(std::uint64_t n) const { return lo <= n && n < hi; }
};

/// Which items, and which of their scored positions, a slice holds. All conditions must hold; a list means
/// any of its members; an empty condition always holds. docs/registry.md.
struct slice_selector {
    std::vector<std::string> tags = {}, languages = {}, categories = {};
    std::vector<complexity_class> complexity_classes = {};
    std::optional<token_range> prompt_tokens = {}, position = {};
    bool digit_tokens = false;

    /// Such a slice has distances but no answers.
    bool selects_positions() const { return position.has_value() || digit_tokens; }

    bool takes_item(const item_traits& item) const {
        const auto is_any = [](const std::vector<std::string>& list, std::string_view value) {
            return list.empty() || std::ranges::find(list, value) != list.end();
        };
        const bool tag_ok =
            tags.empty() || std::ranges::any_of(*item.tags, [&](const auto& t) { return is_any(tags, t); });
        return tag_ok && has_class(item) && is_any(languages, item.language) &&
               is_any(categories, item.category) &&
               (!prompt_tokens || prompt_tokens->holds(item.n_prompt_tokens));
    }
    bool has_class(const item_traits& item) const {
        return complexity_classes.empty() ||
               (item.complexity &&
                std::ranges::find(complexity_classes, *item.complexity) != complexity_classes.end());
    }
    /// Of an item that is taken. `position`: index of the predicting token in its sequence.
    bool takes_position(std::uint64_t at, bool target_is_digit) const {
        return (!position || position->holds(at)) && (!digit_tokens || target_is_digit);
    }
};

/// Token class `digit`: ASCII digits only, with at most one space before them.
inline bool is_digit_token(std::string_view bytes) {
    if (bytes.starts_with(' ')) bytes.remove_prefix(1);
    return !bytes.empty() && std::ranges::all_of(bytes, [](char c) { return c >= '0' && c <= '9'; });
}

/// How a deciding cell is judged and planned; docs/registry.md.
struct gate_options {
    double budget = 0.05;  ///< largest damage accepted, (0, 1)
    double alpha = 0.05;   ///< one-sided, (0, 0.5)
    double power = 0.90;
    double psi = 0.10;  ///< expected share of items that change, for planning
    double rho0 = 1.0;  ///< in-cluster correlation assumed
    std::uint32_t planned_looks = 1, look = 1;
    damage_direction direction = damage_direction::loss;

    /// What this look may spend of alpha: alpha j / (J(J+1)/2), docs/method.md 9 for J = 4.
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
    std::string slice = {}, metric = {};
    cell_role role = cell_role::info;
    gate_options gate = {};
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
