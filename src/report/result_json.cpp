#include <qslip/report.hpp>

#include <algorithm>
#include <cmath>

#include "report/result_parts.hpp"

namespace qslip::report {
namespace {

constexpr int schema_version = 1;

void write_exclusions(json_writer& w, const candidate_result& c) {
    w.key("exclusions").begin_object();
    auto counts = c.slices.front().positions.exclusions();
    counts.merge(c.exclusions);
    for (const auto& e : metrics::all_exclusions) w.member(e.id, counts[e.which]);
    w.end_object();
}

void write_body(json_writer& w, const run_result& run, const candidate_result& c) {
    w.key("slices").begin_array();
    for (std::size_t i = 0; i < c.slices.size(); ++i)
        write_slice(w, run.slices[i].name, c.slices[i],
                    i < c.resolution.size() ? c.resolution[i] : below_resolution::no);
    w.end_array();
    w.key("gates").begin_array();
    for (const auto& cell : c.release.cells) write_gate(w, cell);
    w.end_array();
    write_exclusions(w, c);
    write_examples(w, c);
    write_sample(w, run, c);
    write_attention(w, c.attention);
}

void write_notes(json_writer& w, const run_result& run) {
    w.key("notes").begin_array();
    for (const auto& note : run.notes) w.value(note);
    w.end_array();
}

/// Candidates from best to worst: verdict, then mean KL over all positions.
void write_ranking(json_writer& w, const run_result& run) {
    std::vector<std::size_t> order(run.candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto kl = [&](std::size_t i) {
        const auto s = run.candidates[i].slices.front().positions.summary(metric::kl_fwd_nats);
        return s ? s->mean : INFINITY;
    };
    std::ranges::stable_sort(
        order, {}, [&](std::size_t i) { return std::pair(run.candidates[i].release.verdict, kl(i)); });
    w.key("ranking").begin_array();
    for (const auto i : order)
        w.begin_object()
            .member("candidate", i)
            .member("name", run.candidates[i].arm.name)
            .member("dtype", run.candidates[i].arm.dtype)
            .member("verdict", name_of(run.candidates[i].release.verdict))
            .member("kl_fwd_nats", kl(i))
            .end_object();
    w.end_array();
}

}  // namespace

std::string result_json(const run_result& run) {
    std::string out;
    json_writer w(out, 1);
    w.begin_object().member("schema_version", schema_version);
    w.member("verdict", name_of(run.verdict())).member("exit_code", run.exit_code());
    const bool single = run.candidates.size() == 1;
    write_manifest(w, run, single ? &run.candidates.front() : nullptr);
    write_notes(w, run);
    if (single) {
        write_body(w, run, run.candidates.front());
    } else {
        w.key("candidates").begin_array();
        for (const auto& c : run.candidates) {
            w.begin_object()
                .member("verdict", name_of(c.release.verdict))
                .member("exit_code", c.release.exit_code());
            write_manifest(w, run, &c);
            write_body(w, run, c);
            w.end_object();
        }
        w.end_array();
        write_ranking(w, run);
    }
    w.end_object();
    return out + "\n";
}

}  // namespace qslip::report
