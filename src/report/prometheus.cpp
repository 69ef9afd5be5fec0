#include <qslip/detail/metrics/metric.hpp>
#include <qslip/report.hpp>

#include <algorithm>
#include <tuple>

#include "report/format.hpp"

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

void family(std::string& out, const std::string& name, const char* help) {
    out += "# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n";
}

void sample(std::string& out, const std::string& name, const std::string& labels, double number) {
    out += name + "{" + labels + "} " + shortest(number) + "\n";
}

std::string labels_of(const candidate_result& c, const std::string& slice) {
    return "slice=" + label(slice) + ",model=" + label(c.arm.sha256.substr(0, 12));
}

void position_family(const run_result& run, metric which, const std::string& name, const char* help,
                     std::string& out) {
    family(out, name, help);
    for (const auto& c : run.candidates)
        for (std::size_t i = 0; i < c.slices.size(); ++i)
            if (const auto s = c.slices[i].positions.summary(which))
                sample(out, name, labels_of(c, run.slices[i].name), s->mean);
}

void answer_family(const run_result& run, const metric_info& info, std::string& out) {
    const auto name = "qslip_" + std::string(info.id) + "_ratio";
    family(out, name, ("Share of " + std::string(info.text) + ".").c_str());
    for (const auto& c : run.candidates)
        for (std::size_t i = 0; i < c.slices.size(); ++i) {
            const auto& t = c.slices[i].outcomes.at(info.which).total();
            if (t.n() == 0) continue;
            const auto n = static_cast<double>(t.n());
            const auto labels = labels_of(c, run.slices[i].name);
            sample(out, name, labels + ",arm=\"base\"", static_cast<double>(t.n11 + t.n10) / n);
            sample(out, name, labels + ",arm=\"candidate\"", static_cast<double>(t.n11 + t.n01) / n);
        }
}

/// Format compliance per slice and arm, with its bounds as families of their own.
void compliance_families(const run_result& run, std::string& out) {
    const bool any = std::any_of(run.candidates.begin(), run.candidates.end(), [](const auto& c) {
        return c.slices.front().formats.at(metrics::side::base).n() > 0;
    });
    if (!any) return;
    using get = double (*)(const metrics::side_rate&);
    const std::tuple<const char*, const char*, get> families[] = {
        {"qslip_json_valid_ratio", "Share of answers that satisfy their JSON Schema, of all that had to.",
         [](const metrics::side_rate& r) { return r.rate; }},
        {"qslip_json_valid_lower_ratio", "Its lower bound, one-sided 95 %.",
         [](const metrics::side_rate& r) { return r.bounds.lower; }},
        {"qslip_json_valid_upper_ratio", "Its upper bound, one-sided 95 %.",
         [](const metrics::side_rate& r) { return r.bounds.upper; }}};
    for (const auto& [name, help, value] : families) {
        family(out, name, help);
        for (const auto& c : run.candidates)
            for (std::size_t i = 0; i < c.slices.size(); ++i)
                for (const auto& [arm, label_text] : {std::pair(metrics::side::base, ",arm=\"base\""),
                                                      {metrics::side::cand, ",arm=\"candidate\""}})
                    if (const auto r = metrics::rate_of(c.slices[i].outcomes.at(metric::json_valid), arm))
                        sample(out, name, labels_of(c, run.slices[i].name) + label_text, value(*r));
    }
}

void gate_family(const run_result& run, std::string& out) {
    family(out, "qslip_gate_state",
           "Exit code of a deciding cell: 0 PASS, 1 FAIL, 3 INCONCLUSIVE, 4 NOT_COMPARABLE.");
    for (const auto& c : run.candidates)
        for (const auto& cell : c.release.cells)
            if (decides(cell.role))
                sample(out, "qslip_gate_state", labels_of(c, cell.slice) + ",metric=" + label(cell.metric),
                       exit_code_of(cell.state));
}

}  // namespace

std::string prometheus(const run_result& run) {
    std::string out;
    family(out, "qslip_run_info", "What was compared.");
    for (const auto& c : run.candidates)
        sample(out, "qslip_run_info",
               "base=" + label(run.base.sha256.substr(0, 12)) +
                   ",model=" + label(c.arm.sha256.substr(0, 12)) + ",dtype=" + label(c.arm.dtype) +
                   ",verdict=" + label(name_of(c.release.verdict)),
               1);
    gate_family(run, out);
    position_family(run, metric::token_flip, "qslip_token_flip_ratio",
                    "Share of positions whose likeliest token changed.", out);
    position_family(run, metric::kl_fwd_nats, "qslip_kl_fwd_nats", "Mean KL(base, candidate) in nats.", out);
    for (const auto& info : all_metrics)
        if (info.population == metric_population::answers) answer_family(run, info, out);
    compliance_families(run, out);
    return out;
}

}  // namespace qslip::report
