#include <qslip/detail/core/quote.hpp>
#include <qslip/registry.hpp>

#include <algorithm>
#include <charconv>

#include "files/sha256.hpp"
#include "gates/metric_rules.hpp"

namespace qslip {

slice_registry slice_registry::standard() {
    slice_registry r;
    r.gate("*", "task_correct");
    r.info("all", "token_flip");
    r.info("all", "kl_fwd_nats");
    return r;
}

static bool in_open(double x, double lo, double hi) { return x > lo && x < hi; }

/// What is wrong with the numbers of a cell; empty when nothing.
static std::string number_fault(const cell_plan& c) {
    const auto& g = c.gate;
    if (decides(c.role) && !in_open(g.budget, 0, 1)) return "\"budget\" must be above 0 and below 1";
    if (!in_open(g.alpha, 0, 0.5)) return "\"alpha\" must be above 0 and below 0.5";
    if (!in_open(g.power, 0.5, 1)) return "\"power\" must be above 0.5 and below 1";
    if (!(g.psi > 0 && g.psi <= 1)) return "\"psi\" must be above 0 and at most 1";
    if (!(g.rho0 >= 0 && g.rho0 <= 1)) return "\"rho0\" must be from 0 to 1";
    if (g.look < 1 || g.look > g.planned_looks) return "\"look\" must be from 1 to \"planned_looks\"";
    if (c.role == cell_role::tripwire && !(c.limit >= 0 && c.limit < 1e300))
        return "\"limit\" must be a number >= 0";
    return "";
}

slice_registry& slice_registry::put(cell_plan cell) {
    auto fault = metric_fault(cell);
    if (fault.empty()) fault = number_fault(cell);
    if (cell.slice.empty()) fault = "\"slice\" must not be empty";
    if (const auto s = slices_.find(cell.slice); fault.empty() && s != slices_.end())
        if (s->second.selects_positions() && is_answer_metric(cell.metric))
            fault = "the slice selects positions, which have no answers";
    if (!fault.empty()) {
        if (fault_.ok())
            fault_ = {errc::schema, "cell " + qslip::quoted(cell.slice) + " x " + qslip::quoted(cell.metric) +
                                        ": " + fault};
        return *this;
    }
    const auto order = [](const cell_plan& a, const cell_plan& b) {
        return std::tie(a.slice, a.metric) < std::tie(b.slice, b.metric);
    };
    const auto at = std::ranges::lower_bound(cells_, cell, order);
    if (at != cells_.end() && !order(cell, *at))
        *at = std::move(cell);
    else
        cells_.insert(at, std::move(cell));
    return *this;
}

slice_registry& slice_registry::define(const std::string& slice, slice_selector selector) {
    const bool reserved = slice.empty() || slice == "all" || slice == "*";
    if (reserved && fault_.ok())
        fault_ = {errc::schema, "slice " + qslip::quoted(slice) + ": the name is reserved"};
    const bool answered = std::ranges::any_of(
        cells_, [&](const auto& c) { return c.slice == slice && is_answer_metric(c.metric); });
    if (selector.selects_positions() && answered && fault_.ok())
        fault_ = {errc::schema,
                  "slice " + qslip::quoted(slice) + ": selects positions, which have no answers"};
    if (!reserved) slices_.insert_or_assign(slice, std::move(selector));
    return *this;
}
slice_registry& slice_registry::gate(const std::string& slice, const std::string& metric,
                                     gate_options options) {
    return put({slice, metric, cell_role::gate, options, 0});
}
slice_registry& slice_registry::guard(const std::string& slice, const std::string& metric,
                                      gate_options options) {
    return put({slice, metric, cell_role::guard, options, 0});
}
slice_registry& slice_registry::tripwire(const std::string& slice, const std::string& metric,
                                         tripwire_options options) {
    gate_options planned;
    planned.alpha = options.alpha;
    return put({slice, metric, cell_role::tripwire, planned, options.limit});
}
slice_registry& slice_registry::info(const std::string& slice, const std::string& metric) {
    return put({slice, metric, cell_role::info, {}, 0});
}

status slice_registry::check() const {
    QSLIP_CHECK(fault_);
    if (std::ranges::none_of(cells_, [](const auto& c) { return decides(c.role); }))
        return {errc::schema, "no cell has role gate or guard: nothing in it could fail"};
    return {};
}

namespace {

/// The canonical form: one field after another, each with its length, numbers in shortest form.
class canonical_form {
public:
    canonical_form& add(std::string_view text) {
        add_number(static_cast<double>(text.size()));
        hash_.update(std::as_bytes(std::span(text)));
        return *this;
    }
    canonical_form& add_number(double x) {
        char shortest[40];
        char* end = std::to_chars(shortest, shortest + sizeof shortest - 1, x).ptr;
        *end++ = ' ';
        hash_.update(std::as_bytes(std::span(shortest, end)));
        return *this;
    }
    canonical_form& add(const std::vector<std::string>& list) {
        auto sorted = list;
        std::ranges::sort(sorted);
        add_number(static_cast<double>(sorted.size()));
        for (const auto& s : sorted) add(s);
        return *this;
    }
    canonical_form& add(const std::optional<token_range>& range) {
        add_number(range ? 1 : 0);
        if (range) add(std::to_string(range->lo)).add(std::to_string(range->hi));
        return *this;
    }
    std::string hex() { return hash_.hex(); }

private:
    sha256 hash_;
};

}  // namespace

static std::vector<std::string> names_of(const std::vector<complexity_class>& classes) {
    std::vector<std::string> names;
    for (const auto c : classes) names.emplace_back(complexity_class_name(c));
    return names;
}

std::string slice_registry::digest() const {
    canonical_form form;
    form.add("qslip registry 1").add_number(missing_fails_ ? 1 : 0);
    for (const auto& [name, s] : slices_)
        form.add(name)
            .add(s.tags)
            .add(s.languages)
            .add(s.categories)
            .add(names_of(s.complexity_classes))
            .add(s.prompt_tokens)
            .add(s.position)
            .add_number(s.digit_tokens ? 1 : 0);
    for (const auto& c : cells_) {
        form.add(c.slice).add(c.metric).add(cell_role_name(c.role)).add_number(c.limit);
        form.add_number(c.gate.budget)
            .add_number(c.gate.alpha)
            .add_number(c.gate.power)
            .add_number(c.gate.psi);
        form.add_number(c.gate.rho0).add_number(c.gate.planned_looks).add_number(c.gate.look);
        form.add(c.gate.direction == damage_direction::loss ? "loss" : "gain");
    }
    return form.hex();
}

}  // namespace qslip
