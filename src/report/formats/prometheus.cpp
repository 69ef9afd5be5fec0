#include <map>

#include "report/document.hpp"
#include "report/format.hpp"
#include "report/gate_table.hpp"
#include "report/section.hpp"

namespace qslip::report {
namespace {

std::string label(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '"' || c == '\\')
            (out += '\\') += c;
        else
            out += c;
    }
    return out + "\"";
}

/// Families in the order of their first sample; all samples of one stand together, as the format asks.
class page {
public:
    void add(const std::string& family, const std::string& help, const std::string& labels, double number) {
        auto [at, is_new] = samples_.try_emplace(family);
        if (is_new) {
            order_.push_back(family);
            at->second = "# HELP " + family + " " + help + "\n# TYPE " + family + " gauge\n";
        }
        at->second += family + "{" + labels + "} " + shortest(number) + "\n";
    }
    std::string text() const {
        std::string out;
        for (const auto& family : order_) out += samples_.at(family);
        return out;
    }

private:
    std::vector<std::string> order_;
    std::map<std::string, std::string> samples_;
};

void add_run(const fact& d, const fact& c, page& out) {
    out.add("qslip_run_info", "What was compared.",
            "base=" + label(d["base"]["name"].text()) + ",model=" + label(c["name"].text()) +
                ",base_sha256=" + label(d["base"]["sha256"].text().substr(0, 12)) +
                ",model_sha256=" + label(c["sha256"].text().substr(0, 12)) +
                ",dtype=" + label(c["dtype"].text()) + ",verdict=" + label(c["verdict"].text()),
            1);
}

void add_gate_states(const fact& c, page& out) {
    for (const auto& cell : c["gates"].items())
        for (const auto v : all_verdicts)
            if (is_deciding(cell) && cell["state"].text() == name_of(v))
                out.add("qslip_gate_state",
                        "Exit code of a deciding cell: 0 PASS, 1 FAIL, 3 INCONCLUSIVE, 4 NOT_COMPARABLE.",
                        "slice=" + label(cell["slice"].text()) + ",model=" + label(c["name"].text()) +
                            ",metric=" + label(cell["metric"].text()),
                        exit_code_of(v));
}

/// "base_lower" is "lower" of the arm "base".
struct arm_column {
    std::string arm, key;
};
arm_column split_arm(const std::string& key) {
    for (const auto& [prefix, arm] : {std::pair("base", "base"), {"cand", "candidate"}})
        if (key == prefix || key.starts_with(std::string(prefix) + "_"))
            return {arm, key == prefix ? "" : key.substr(5)};
    return {"", key};
}

/// qslip_<metric> for its mean or rate, qslip_<metric>_lower for its bound, qslip_attention_kl_nats else;
/// shares end in _ratio.
std::string family_of(const section& s, const section_row& row, const column& c, const std::string& key) {
    std::string name = "qslip_" + std::string(row.metric ? row.metric->id : s.id);
    if (!key.empty()) name += "_" + key;
    const bool is_share = c.kind == field_kind::share || c.kind == field_kind::change ||
                          (c.kind == field_kind::amount && row.metric->form == metric_form::rate);
    return name + (is_share ? "_ratio" : "");
}

void add_row(const section& s, const section_row& row, const std::string& model, page& out) {
    std::string labels = "model=" + label(model);
    for (std::size_t i = 0; i < s.columns.size(); ++i)
        if (s.columns[i].is_label && s.columns[i].heading != "metric")
            labels += "," + s.columns[i].heading + "=" + label(row.cells[i].text());
    for (std::size_t i = 0; i < s.columns.size(); ++i) {
        const auto& c = s.columns[i];
        if (!row.cells[i].is_number() || c.kind == field_kind::count) continue;
        auto [arm, key] = row.metric ? split_arm(c.key) : arm_column{"", c.key};
        if (row.metric && key == "mean") key.clear();
        const auto what = row.metric ? row.metric->text : s.title;
        out.add(family_of(s, row, c, key), std::string(what) + (key.empty() ? "" : ": " + key) + ".",
                labels + (arm.empty() ? "" : ",arm=" + label(arm)), row.cells[i].number());
    }
}

}  // namespace

std::string prometheus(const document& d) {
    page out;
    const auto& facts = d.facts();
    for (const auto& c : facts["candidates"].items()) add_run(facts, c, out);
    for (const auto& c : facts["candidates"].items()) add_gate_states(c, out);
    for (const auto& c : facts["candidates"].items())
        for (const auto& section : sections_of(c))
            if (section.identity == row_identity::named)
                for (const auto& row : section.rows) add_row(section, row, c["name"].text(), out);
    return out.text();
}

}  // namespace qslip::report
