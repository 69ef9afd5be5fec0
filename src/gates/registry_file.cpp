// The registry file, docs/registry.md.
#include <qslip/detail/core/quote.hpp>
#include <qslip/registry.hpp>

#include <algorithm>
#include <iterator>
#include <set>

#include "gates/metric_rules.hpp"
#include "json/json_fields.hpp"

namespace qslip {

namespace {

constexpr std::size_t max_name_bytes = 64, max_names = 1024, max_cells = 4096;

class registry_reader {
public:
    explicit registry_reader(const limits& limits) : faults_(limits.errors_kept) {}

    result<slice_registry> read(const json_node& root) {
        if (!root.is_object()) return root.wrong("be an object");
        json_fields f(root, faults_);
        f.need("version", "; it must be 1");
        f.whole("version", 1, 1);
        if (const auto missing = f.text("missing")) {
            if (*missing != "inconclusive" && *missing != "fail")
                f.wrong("missing", "be \"inconclusive\" or \"fail\"");
            registry_.set_missing_fails(*missing == "fail");
        }
        read_defaults(f);
        if (const auto slices = f.object("slices")) read_slices(*slices);
        read_cells(f);
        f.finish();
        if (!faults_.empty()) return status(errc::schema, faults_.text());
        if (const auto s = registry_.check(); !s.ok()) return root.fault(s.message());
        return std::move(registry_);
    }

private:
    static void read_numbers(json_fields& f, gate_options& g) {
        g.alpha = f.number("alpha", "above 0 and below 0.5", [](double x) {
                       return x > 0 && x < 0.5;
                   }).value_or(g.alpha);
        g.power = f.number("power", "above 0.5 and below 1", [](double x) {
                       return x > 0.5 && x < 1;
                   }).value_or(g.power);
        g.psi = f.number("psi", "above 0 and at most 1", [](double x) {
                     return x > 0 && x <= 1;
                 }).value_or(g.psi);
        g.rho0 = f.number("rho0", "from 0 to 1", [](double x) { return x >= 0 && x <= 1; }).value_or(g.rho0);
        g.planned_looks =
            static_cast<std::uint32_t>(f.whole("planned_looks", 1, 100).value_or(g.planned_looks));
        g.look = static_cast<std::uint32_t>(
            f.whole("look", 1, g.planned_looks).value_or(std::min(g.look, g.planned_looks)));
    }

    void read_defaults(json_fields& root) {
        const auto object = root.object("defaults");
        if (!object) return;
        json_fields f(*object, faults_);
        read_numbers(f, defaults_);
        f.finish();
    }

    void read_slices(const json_node& slices) {
        const auto members = slices.members();
        for (const auto& [name, object] : *members) {
            if (!object.is_object())
                faults_.add(object.wrong("be an object"));
            else if (name == "all" || name == "*" || name.empty() || name.size() > max_name_bytes)
                faults_.add(object.fault("must be a name of 1 to 64 bytes other than \"all\" and \"*\""));
            else
                registry_.define(std::string(name), read_selector(object));
        }
    }

    slice_selector read_selector(const json_node& object) {
        json_fields f(object, faults_);
        const auto names = [&](const char* key) { return f.texts(key, 1, max_name_bytes, 1, max_names); };
        slice_selector s;
        s.tags = names("tags");
        s.languages = names("lang");
        s.categories = names("category");
        s.complexity_classes = read_classes(f, names("tier"));
        s.prompt_tokens = read_range(f, "prompt_tokens");
        s.position = read_range(f, "position");
        if (const auto token_class = f.text("token_class")) {
            if (*token_class != "digit") f.wrong("token_class", "be \"digit\"");
            s.digit_tokens = true;
        }
        f.finish();
        return s;
    }

    static std::vector<complexity_class> read_classes(json_fields& f, const std::vector<std::string>& names) {
        std::vector<complexity_class> classes;
        for (const auto& name : names) {
            const auto known = std::ranges::find(all_complexity_classes, name, complexity_class_name);
            if (known == std::end(all_complexity_classes))
                f.wrong("tier", "be S0, S1, S2 or S3");
            else
                classes.push_back(*known);
        }
        return classes;
    }

    static std::optional<token_range> read_range(json_fields& f, const char* key) {
        const auto value = f.find(key);
        if (!value) return std::nullopt;
        auto range = range_of(*value);
        if (!range) f.wrong(key, "be a list [lo, hi] of integers, lo < hi, hi may be null");
        return range;
    }

    static std::optional<token_range> range_of(const json_node& value) {
        const auto ends = value.items();
        if (!ends || ends->size() != 2) return std::nullopt;
        token_range range;
        const auto lo = (*ends)[0].count();
        const auto hi = (*ends)[1].is_null() ? result<std::uint64_t>(range.hi) : (*ends)[1].count();
        if (!lo || !hi || *lo >= *hi) return std::nullopt;
        return token_range{*lo, *hi};
    }

    void read_cells(json_fields& root) {
        const auto value = root.need("cells");
        if (!value) return;
        const auto cells = value->items();
        if (!cells) return faults_.add(cells.status());
        if (cells->size() > max_cells)
            return root.fault("cells", "has more than " + std::to_string(max_cells) + " members");
        for (const auto& cell : *cells) read_cell(cell);
    }

    void read_cell(const json_node& cell) {
        if (!cell.is_object()) return faults_.add(cell.wrong("be an object"));
        json_fields f(cell, faults_);
        cell_plan c;
        c.gate = defaults_;
        c.slice = f.text("slice", 1, max_name_bytes).value_or("");
        c.metric = f.text("metric", 1).value_or("");
        const auto role = f.text("role", 1);
        for (const char* key : {"slice", "metric", "role"}) f.need(key);
        read_numbers(f, c.gate);
        if (const auto known = role ? find_cell_role(*role) : std::nullopt)
            c.role = *known;
        else if (role)
            return f.wrong("role", "be gate, guard, tripwire or info");
        read_verdict_keys(f, c);
        f.finish();
        if (c.slice.empty() || c.metric.empty()) return;
        if (const auto fault = metric_fault(c); !fault.empty()) return f.fault("metric", fault);
        if (const auto s = registry_.slices().find(c.slice);
            s != registry_.slices().end() && s->second.selects_positions() && is_answer_metric(c.metric))
            return f.fault("metric", qslip::quoted(c.metric) + " needs answers; the slice selects positions");
        if (!seen_.insert({c.slice, c.metric}).second)
            return f.fault("slice", "and metric have a cell already");
        put(c);
    }

    /// budget and direction belong to cells that decide, limit to tripwires.
    static void read_verdict_keys(json_fields& f, cell_plan& c) {
        if (decides(c.role)) {
            f.need("budget");
            c.gate.budget = f.number("budget", "above 0 and below 1", [](double x) {
                                 return x > 0 && x < 1;
                             }).value_or(0.5);
            const auto way = f.text("direction");
            if (way && *way != "loss" && *way != "gain") f.wrong("direction", "be \"loss\" or \"gain\"");
            c.gate.direction = way && *way == "gain" ? damage_direction::gain : damage_direction::loss;
        }
        if (c.role == cell_role::tripwire) {
            f.need("limit");
            c.limit = f.number("limit", "a number >= 0", [](double x) { return x >= 0; }).value_or(0);
        }
    }

    void put(const cell_plan& c) {
        switch (c.role) {
            case cell_role::gate: registry_.gate(c.slice, c.metric, c.gate); return;
            case cell_role::guard: registry_.guard(c.slice, c.metric, c.gate); return;
            case cell_role::tripwire: registry_.tripwire(c.slice, c.metric, {c.limit, c.gate.alpha}); return;
            case cell_role::info: registry_.info(c.slice, c.metric); return;
        }
    }

    json_faults faults_;
    slice_registry registry_;
    gate_options defaults_;
    std::set<std::pair<std::string, std::string>> seen_;
};

result<slice_registry> read_registry(const json_text& text, const std::string& name, const limits& limits) {
    json_reader reader(limits);
    QSLIP_TRY(const auto root, reader.parse(text, name));
    return registry_reader(limits).read(root);
}

}  // namespace

result<slice_registry> slice_registry::from_text(std::string_view json, const std::string& name,
                                                 const limits& limits) {
    return read_registry(json_text::copy_of(json), name, limits);
}

result<slice_registry> slice_registry::load(const std::string& path, const limits& limits) {
    QSLIP_TRY(const auto text, json_text::read_file(path, limits));
    return read_registry(text, path, limits);
}

}  // namespace qslip
