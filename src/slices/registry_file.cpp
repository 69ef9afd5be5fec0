// The registry file, docs/registry.md.
#include <qslip/io/input_file.hpp>
#include <qslip/slices/registry.hpp>

#include <set>

#include "io/json_fields.hpp"
#include "slices/metric_rules.hpp"

namespace qslip {

namespace {

constexpr std::size_t max_name_bytes = 64, max_names = 1024, max_cells = 4096;

class registry_reader {
public:
    registry_reader(std::string where, const limits& lim)
        : where_(std::move(where)), faults_(lim.errors_kept) {}

    result<slice_registry> read(simdjson::dom::object root) {
        json::fields f(root, where_, faults_);
        if (!f.find("version")) f.fault("version", "is missing; it must be 1");
        f.whole("version", 1, 1);
        if (const auto missing = f.text("missing")) {
            if (*missing != "inconclusive" && *missing != "fail")
                f.wrong("missing", "\"inconclusive\" or \"fail\"", *f.find("missing"));
            registry_.set_missing_fails(*missing == "fail");
        }
        read_defaults(f);
        if (const auto slices = f.object("slices")) read_slices(*slices);
        read_cells(f);
        f.finish();
        if (!faults_.empty()) return status(errc::schema, faults_.text());
        if (const auto s = registry_.check(); !s.ok()) return status(s.code(), where_ + s.message());
        return std::move(registry_);
    }

private:
    static void read_numbers(json::fields& f, gate_options& g) {
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

    void read_defaults(json::fields& root) {
        const auto object = root.object("defaults");
        if (!object) return;
        json::fields f(*object, where_ + "defaults ", faults_);
        read_numbers(f, defaults_);
        f.finish();
    }

    void read_slices(simdjson::dom::object slices) {
        json::fields all(slices, where_ + "slices ", faults_);
        for (const auto& entry : all.all()) {
            const auto object = all.object(entry.key);
            if (!object) continue;
            if (entry.key == "all" || entry.key == "*" || entry.key.empty() ||
                entry.key.size() > max_name_bytes) {
                all.fault(entry.key, "must be a name of 1 to 64 bytes other than \"all\" and \"*\"");
                continue;
            }
            registry_.define(std::string(entry.key), read_selector(*object, entry.key));
        }
    }

    slice_selector read_selector(simdjson::dom::object object, std::string_view name) {
        json::fields f(object, where_ + "slice " + qslip::quoted(name) + " ", faults_);
        const auto names = [&](const char* key) { return f.texts(key, 1, max_name_bytes, 1, max_names); };
        slice_selector s;
        s.tags = names("tags");
        s.languages = names("lang");
        s.categories = names("category");
        s.prompt_tokens = read_range(f, "prompt_tokens");
        s.position = read_range(f, "position");
        if (const auto token_class = f.text("token_class")) {
            if (*token_class != "digit") f.wrong("token_class", "\"digit\"", *f.find("token_class"));
            s.digit_tokens = true;
        }
        f.finish();
        return s;
    }

    static std::optional<token_range> read_range(json::fields& f, const char* key) {
        const auto value = f.find(key);
        if (!value) return std::nullopt;
        simdjson::dom::array ends;
        token_range range;
        const bool good =
            value->get_array().get(ends) == simdjson::SUCCESS && ends.size() == 2 &&
            ends.at(0).get_uint64().get(range.lo) == simdjson::SUCCESS &&
            (ends.at(1).is_null() || ends.at(1).get_uint64().get(range.hi) == simdjson::SUCCESS) &&
            range.lo < range.hi;
        if (!good) f.wrong(key, "a list [lo, hi] of integers, lo < hi, hi may be null", *value);
        return range;
    }

    void read_cells(json::fields& root) {
        const auto value = root.find("cells");
        simdjson::dom::array list;
        if (!value || value->get_array().get(list) != simdjson::SUCCESS)
            return value ? root.wrong("cells", "a list", *value) : root.fault("cells", "is missing");
        if (list.size() > max_cells)
            return root.fault("cells", "has more than " + std::to_string(max_cells) + " members");
        std::size_t i = 0;
        for (const auto e : list) read_cell(e, i++);
    }

    void read_cell(simdjson::dom::element e, std::size_t index) {
        const auto where = where_ + "cells[" + std::to_string(index) + "] ";
        simdjson::dom::object object;
        if (e.get_object().get(object) != simdjson::SUCCESS)
            return faults_.add(where + "must be an object, is " + json::describe(e));
        json::fields f(object, where, faults_);
        cell_plan c;
        c.gate = defaults_;
        c.slice = f.text("slice", 1, max_name_bytes).value_or("");
        c.metric = f.text("metric", 1).value_or("");
        const auto role = f.text("role", 1);
        for (const char* key : {"slice", "metric", "role"})
            if (!f.find(key)) f.fault(key, "is missing");
        read_numbers(f, c.gate);
        if (const auto known = role ? find_cell_role(*role) : std::nullopt)
            c.role = *known;
        else if (role)
            return f.wrong("role", "gate, guard, tripwire or info", *f.find("role"));
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
    static void read_verdict_keys(json::fields& f, cell_plan& c) {
        if (decides(c.role)) {
            if (!f.find("budget")) f.fault("budget", "is missing");
            c.gate.budget = f.number("budget", "above 0 and below 1", [](double x) {
                                 return x > 0 && x < 1;
                             }).value_or(0.5);
            const auto way = f.text("direction");
            if (way && *way != "loss" && *way != "gain")
                f.wrong("direction", "\"loss\" or \"gain\"", *f.find("direction"));
            c.gate.direction = way && *way == "gain" ? damage_direction::gain : damage_direction::loss;
        }
        if (c.role == cell_role::tripwire) {
            if (!f.find("limit")) f.fault("limit", "is missing");
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

    std::string where_;
    json::fault_list faults_;
    slice_registry registry_;
    gate_options defaults_;
    std::set<std::pair<std::string, std::string>> seen_;
};

}  // namespace

result<slice_registry> slice_registry::from_text(std::string_view json, const std::string& name,
                                                 const limits& lim) {
    const auto where = escaped(name) + ": ";
    if (json.size() > lim.json_bytes)
        return status(errc::limit, where + "longer than " + grouped(lim.json_bytes) + " bytes");
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    if (const auto fault = json::parse_object(parser, json, lim.json_depth, root); !fault.empty())
        return status(errc::schema, where + fault);
    return registry_reader(where, lim).read(root);
}

result<slice_registry> slice_registry::load(const std::string& path, const limits& lim) {
    QSLIP_TRY(const auto file, input_file::open(path));
    if (file.size_bytes() > lim.json_bytes)
        return status(errc::limit, escaped(path) + ": longer than " + grouped(lim.json_bytes) + " bytes");
    std::string text(static_cast<std::size_t>(file.size_bytes()), '\0');
    QSLIP_CHECK(file.read_at(0, std::as_writable_bytes(std::span(text))));
    return from_text(text, path, lim);
}

}  // namespace qslip
