#pragma once
// The parts of result.json, one file for each.
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/result.hpp>

#include <optional>

namespace qslip::report {

inline void optional_member(json_writer& w, std::string_view key, const std::optional<double>& x) {
    w.key(key);
    if (x)
        w.value(*x);
    else
        w.null();
}

/// `candidate`: none when there are several.
void write_manifest(json_writer& w, const run_result& run, const candidate_result* candidate);
void write_slice(json_writer& w, const std::string& name, const slice_state& s, below_resolution resolution);
void write_gate(json_writer& w, const cell_report& c);
/// The worst items and the first located breaks.
void write_examples(json_writer& w, const candidate_result& c);
/// What the weights cost, what a deployed engine adds, and what this run's own rounding is.
void write_sample(json_writer& w, const run_result& run, const candidate_result& c);
/// How far attention moved; nothing unless it was compared.
void write_attention(json_writer& w, const metrics::attention_shift& seen);

}  // namespace qslip::report
